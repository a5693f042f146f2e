import { createRandomGenerator, type Env } from '@gymwire/env';
import { resolveArguments } from '@gymwire/env/host';
import { float32, isTensor, type ResetResult, type StepResult, type Value } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { conformanceEnv } from './conformance-env.ts';

async function make(given: Readonly<Record<string, Value>> = {}): Promise<Env> {
  return conformanceEnv.make(resolveArguments(conformanceEnv.id, conformanceEnv.arguments ?? [], given));
}

const reset = (env: Env, seed?: number | bigint) =>
  env.reset({ random: createRandomGenerator(seed), ...(seed === undefined ? {} : { seed }) }) as ResetResult;
const step = (env: Env, first: number, command: number) => env.step(float32([first, command])) as StepResult;
const numbers = (value: Value) => (isTensor(value) ? [...value.data].map(Number) : []);

describe('gymwire/Conformance-v0', () => {
  it.each([
    [0, [335903614, 436792849, 2599843874]],
    [1, [1817669548, 2187888307, 2784682393]],
    [42, [2440530669, 968358053, 1773127077]],
    [2n ** 53n + 1n, [1375170476, 1065911987, 3298484633]],
    [2n ** 64n - 1n, [3149104977, 2980664687, 2415005355]],
  ])('draws from seed %s what the document says', async (seed, draws) => {
    const env = await make();
    const seen = [reset(env, seed), reset(env), reset(env)].map(({ observation }) => numbers(observation)[0]);
    expect(seen).toEqual(draws);
  });

  it('counts, and ends as it is told', async () => {
    const env = await make({ reward_scale: 2, terminate_after: 5n });
    reset(env, 1);
    const { observation, reward, info } = step(env, 0.25, 0);
    expect(numbers(observation)).toEqual([1817669548, 1, 1, 1, 0.25]);
    expect([reward, info]).toEqual([2 * (1 / 3 - 0.25), { step: 1n }]);
    const flags = [1, 2, 3, 0].map((command) => step(env, 0, command));
    expect(flags.map(({ terminated, truncated }) => [terminated, truncated])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, false],
    ]);
    reset(env);
    expect(numbers(step(env, 0, 0).observation).slice(1)).toEqual([1, 6, 2, 0]);
  });

  it('misbehaves as it is told', async () => {
    const env = await make();
    reset(env, 1);
    expect(() => step(env, 0, 4)).toThrow('told to fail in step');
    expect(numbers(step(env, 0, 5).observation)[0]).toBeNaN();
    expect(step(env, 0, 6).reward).toBeNaN();
    expect(numbers(step(env, 0, 7).observation)).toHaveLength(4);
    expect(numbers((await env.step(float32([0, 8]))).observation)[2]).toBe(5);
    const random = createRandomGenerator(1);
    expect(() => env.reset({ random, options: { fail: true } })).toThrow('told to fail in reset');
  });

  it('draws a picture of six by four', async () => {
    const env = await make();
    reset(env, 1);
    step(env, 0, 0);
    const frame = await env.render?.();
    expect(frame).toMatchObject({ width: 6, height: 4 });
    expect([...(frame?.data ?? [])].slice(-3)).toEqual([1, 30, 50]);
  });
});
