import { connect } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { type GymwireError, isTensor, type Value } from '@gymwire/protocol';
import { builtinEnvs } from '@gymwire/simulators';
import { describe, expect, it } from 'vitest';
import { serveCounting } from '../support/server.ts';

const numbers = (value: Value) => (isTensor(value) ? [...value.data].map(Number) : []);
const code = (expected: GymwireError['code'], message: RegExp) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) });

describe('a single environment over the wire', () => {
  it('resets and steps with Gymnasium’s values and types', async () => {
    const { connection } = await serveCounting({ terminateAfter: 2 });
    const env = await connection.make('Counting-v0');
    const { observation, info } = await env.reset({ seed: 42 });
    // NumPy: default_rng-free Generator(PCG64(42)).random() = 0.7739560485559633, as float32.
    expect(numbers(observation)).toEqual([Math.fround(0.7739560485559633), 0, 0]);
    expect(info).toEqual({ start: true });

    const first = await env.step([0.5, 0]);
    expect(numbers(first.observation).slice(1)).toEqual([1, 0.5]);
    expect(first).toMatchObject({ reward: 0.1, terminated: false, truncated: false, info: { step: 1n } });
    const second = await env.step([0.5, 0]);
    expect(second).toMatchObject({ reward: 0.2, terminated: true, truncated: false });
    await env.close();
  });

  it('continues the random stream when a reset carries no seed, and repeats it for the same seed', async () => {
    const { connection } = await serveCounting({ terminateAfter: 2 });
    const env = await connection.make('Counting-v0');
    const draws: number[] = [];
    for (const seed of [42, undefined, 42]) {
      const { observation } = await env.reset(seed === undefined ? {} : { seed });
      draws.push(numbers(observation)[0]);
    }
    expect(draws).toEqual([0.7739560485559633, 0.4388784397520523, 0.7739560485559633].map(Math.fround));
  });

  it('truncates at the session’s own limit, also when the episode terminates there', async () => {
    const { connection } = await serveCounting({ terminateAfter: 3 });
    const env = await connection.make('Counting-v0', { maxEpisodeSteps: 3 });
    expect(env.spec.maxEpisodeSteps).toBe(3);
    await env.reset({ seed: 0 });
    await env.step([0, 0]);
    expect(await env.step([0, 0])).toMatchObject({ truncated: false });
    expect(await env.step([0, 0])).toMatchObject({ terminated: true, truncated: true });
  });

  it('has no limit when asked for none', async () => {
    const { connection } = await serveCounting({ terminateAfter: Number.POSITIVE_INFINITY });
    const env = await connection.make('Counting-v0', { maxEpisodeSteps: 0 });
    expect(env.spec.maxEpisodeSteps).toBeUndefined();
    await env.reset();
    for (let i = 0; i < 150; i++) expect(await env.step([0, 0])).toMatchObject({ truncated: false });
  });

  it('hands reset options to the simulator', async () => {
    const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
    const connection = await connect(server.address);
    try {
      const env = await connection.make('MountainCarContinuous-v0');
      const { observation } = await env.reset({ seed: 1, options: { low: -0.25, high: -0.25 } });
      expect(numbers(observation)).toEqual([-0.25, 0]);
    } finally {
      connection.close();
      await server.shutdown();
    }
  });

  it.each([
    [
      { autoresetMode: 'same_step' },
      /autoresetMode: expected disabled, next-step, same-step, got "same_step"/,
    ],
    [{ outOfBoundsRule: 'Reject' }, /outOfBoundsRule: expected pass, reject/],
    [{ numEnvs: 1.5 }, /numEnvs: expected an integer from 1/],
    [{ numEnvs: 2 ** 32 + 1 }, /numEnvs: expected an integer from 1/],
    [{ maxEpisodeSteps: 2 ** 32 }, /maxEpisodeSteps: expected an integer from 0/],
    [{ maxEpisodeSteps: -1 }, /maxEpisodeSteps: expected an integer from 0/],
  ])('refuses the session option %o instead of taking it for another', async (options, message) => {
    const { connection } = await serveCounting({ terminateAfter: 3 });
    const made = connection.makeVector('Counting-v0', { numEnvs: 1, ...(options as object) });
    await expect(made).rejects.toThrow(code('INVALID_ARGUMENT', message));
  });

  it('keeps its order: no step before a reset, none after the end', async () => {
    const { connection } = await serveCounting({ terminateAfter: 1 });
    const env = await connection.make('Counting-v0');
    await expect(env.step([0, 0])).rejects.toThrow(code('NOT_RESET', /has not been reset yet/));
    await env.reset();
    await env.step([0, 0]);
    await expect(env.step([0, 0])).rejects.toThrow(code('NOT_RESET', /has ended its episode/));
    await env.reset();
    await env.step([0, 0]);
  });

  it.each([
    ['the wrong length', [0], 'BAD_ACTION', /expected 2 numbers/],
    [
      'the wrong dtype',
      { dtype: 'float64', shape: [2], data: new Float64Array(2) },
      'BAD_ACTION',
      /float32 \[2\], got float64 \[2\]/,
    ],
    [
      'the wrong shape',
      { dtype: 'float32', shape: [1, 2], data: new Float32Array(2) },
      'BAD_ACTION',
      /float32 \[1, 2\]/,
    ],
    ['a string', 'left', 'BAD_ACTION', /got the string left/],
    ['a NaN', [0, Number.NaN], 'NON_FINITE_ACTION', /action\[1\] is NaN/],
    ['an infinity', [Number.NEGATIVE_INFINITY, 0], 'NON_FINITE_ACTION', /action\[0\] is -Infinity/],
  ] as const)('refuses %s and leaves the episode as it was', async (_, action, expected, message) => {
    const { connection } = await serveCounting({ terminateAfter: 9 });
    const env = await connection.make('Counting-v0');
    await env.reset();
    await expect(env.step(action)).rejects.toThrow(code(expected, message));
    expect(numbers((await env.step([0, 0])).observation)[1]).toBe(1);
  });

  it('passes actions out of bounds on, or rejects them naming dimension, bound and value', async () => {
    const { connection } = await serveCounting({ terminateAfter: 9 });
    const passing = await connection.make('Counting-v0');
    await passing.reset();
    expect(numbers((await passing.step([3, 0])).observation)[2]).toBe(3);

    const rejecting = await connection.make('Counting-v0', { outOfBoundsRule: 'reject' });
    await rejecting.reset();
    const refusal = rejecting.step([0, -2.5]);
    await expect(refusal).rejects.toThrow(
      code('ACTION_OUT_OF_BOUNDS', /action\[1\] is -2.5, outside its low bound -2/),
    );
    await expect(refusal).rejects.toMatchObject({ details: { index: '1', low: '-2', value: '-2.5' } });
    expect(numbers((await rejecting.step([1, 2])).observation)[1]).toBe(1);
  });

  it('reports a simulator’s fault with its own message; a reset recovers', async () => {
    const { connection } = await serveCounting({ terminateAfter: 9, failAt: 2 });
    const env = await connection.make('Counting-v0');
    await env.reset();
    await env.step([0, 0]);
    await expect(env.step([0, 0])).rejects.toThrow(code('ENV_FAILED', /the gearbox is on fire/));
    await expect(env.step([0, 0])).rejects.toThrow(code('NOT_RESET', /failed; reset it first/));
    await env.reset();
    await env.step([0, 0]);
  });

  it('refuses a NaN reward', async () => {
    const { connection } = await serveCounting({ terminateAfter: 9, reward: Number.NaN });
    const env = await connection.make('Counting-v0');
    await env.reset();
    await expect(env.step([0, 0])).rejects.toThrow(code('NON_FINITE_OBSERVATION', /reward NaN/));
  });

  it('renders when asked for at session making, and only then', async () => {
    const { connection } = await serveCounting({ terminateAfter: 9 });
    const env = await connection.make('Counting-v0', { renderMode: 'rgb_array' });
    await expect(env.render()).rejects.toThrow(code('NOT_RESET', /reset/));
    await env.reset();
    await env.step([0, 0]);
    expect(await env.render()).toEqual({ width: 2, height: 1, data: Uint8Array.of(1, 0, 0, 255, 255, 255) });
    const blind = await connection.make('Counting-v0');
    await blind.reset();
    await expect(blind.render()).rejects.toThrow(code('UNSUPPORTED', /without a render mode/));
    await expect(connection.make('Counting-v0', { renderMode: 'human' })).rejects.toThrow(
      code('UNSUPPORTED', /no render mode human; it has: rgb_array/),
    );
  });

  it('names what is served when the env is unknown, and what is taken when an argument is', async () => {
    const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
    const connection = await connect(server.address);
    try {
      await expect(connection.make('Pendulum-v9')).rejects.toThrow(
        code('UNKNOWN_ENV', /served: .*Pendulum-v1/),
      );
      await expect(connection.make('pendulum-v1')).rejects.toThrow(
        code(
          'UNKNOWN_ENV',
          new RegExp(`^at ${server.address}: no environment .*; did you mean Pendulum-v1\\?$`),
        ),
      );
      const make = (args: Record<string, Value>) => connection.make('Pendulum-v1', { arguments: args });
      await expect(make({ mass: 1 })).rejects.toThrow(
        code('UNKNOWN_ARGUMENT', /no argument mass; it takes: g/),
      );
      await expect(make({ g: 'heavy' })).rejects.toThrow(
        code('INVALID_ARGUMENT', /expected float.*got "heavy"/),
      );
      await expect(make({ g: Number.NaN })).rejects.toThrow(code('INVALID_ARGUMENT', /NaN/));
      const moon = await make({ g: 1.6 });
      expect(moon.spec.arguments[0]).toMatchObject({ name: 'g', defaultValue: 1.6 });
      await moon.close();
    } finally {
      connection.close();
      await server.shutdown();
    }
  });
});
