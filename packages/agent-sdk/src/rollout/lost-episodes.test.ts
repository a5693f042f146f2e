import { type AutoresetMode, GymwireError, type VectorResetOptions } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { ActionScaler } from '../policy/action-scaler.ts';
import type { Policy } from '../policy/policy.ts';
import { createRandomStream } from '../random/random-stream.ts';
import { CountingEnv, IdentityEnv } from '../testing/fake-envs.ts';
import { FakeVectorEnv } from '../testing/fake-vector-env.ts';
import { Collector } from './collector.ts';
import { evaluate } from './evaluate.ts';
import { createExplorationNoise } from './exploration-noise.ts';

const modes = ['disabled', 'next-step', 'same-step'] as const;
const loss = () => new GymwireError('EPISODE_LOST', 'gone');

/** Loses its episodes in these of its steps, counted from 1, or in these masked resets. */
class ForgetfulEnv extends FakeVectorEnv {
  lostSteps: readonly number[] = [];
  lostResets: readonly number[] = [];
  #steps = 0;
  #resets = 0;

  override async step(actions: Float32Array) {
    this.#steps += 1;
    if (this.lostSteps.includes(this.#steps)) throw loss();
    return super.step(actions);
  }

  override async reset(options: VectorResetOptions = {}) {
    if (options.mask !== undefined) {
      this.#resets += 1;
      if (this.lostResets.includes(this.#resets)) throw loss();
    }
    return super.reset(options);
  }
}

function createCollector(env: FakeVectorEnv): Collector {
  let seed = 100;
  return new Collector({
    env,
    scaler: new ActionScaler([-2], [2]),
    actor: { act: (_, out) => out.fill(0), reset() {} },
    noise: createExplorationNoise('gaussian', 0, env.numEnvs, 1, createRandomStream(1, 'exploration')),
    warmUpStream: createRandomStream(1, 'warm-up'),
    seedsAfterLoss: () => Array.from({ length: env.numEnvs }, () => seed++),
  });
}

function createEnv(autoresetMode: AutoresetMode, numEnvs: number): ForgetfulEnv {
  const make = (i: number) => new CountingEnv(i);
  return new ForgetfulEnv({ make, observationSize: 3, actionLow: [-2], numEnvs, autoresetMode });
}

describe.each(modes)('a collector whose episodes are lost, %s', (mode) => {
  it('keeps what came before, makes up no end, and starts new ones from seeds of their own', async () => {
    const env = createEnv(mode, 2);
    // First episodes have two and three steps.
    env.lostSteps = [2];
    const collector = createCollector(env);
    await collector.reset([0, 1]);
    const before = await collector.step(false);
    expect(before.transitions.map(({ terminated }) => terminated)).toEqual([false, false]);
    const lost = await collector.step(false);
    expect([lost.transitions, lost.episodes]).toEqual([[], []]);
    expect(lost.broken).toEqual([
      { envIndex: 0, return: 1, length: 1 },
      { envIndex: 1, return: 101, length: 1 },
    ]);
    expect(env.resets.at(-1)).toEqual({ seeds: [100, 101] });
    const after = await collector.step(false);
    // The second episode of each, from its start.
    expect(after.transitions.map(({ observation }) => [...observation])).toEqual([
      [0, 1, 0],
      [1, 1, 0],
    ]);
    expect(after.broken).toEqual([]);
  });

  it('counts no episode that has ended or has not begun', async () => {
    const env = createEnv(mode, 2);
    // The first environment's episode ends in step 2.
    env.lostSteps = [3, 4];
    const collector = createCollector(env);
    await collector.reset([0, 1]);
    await collector.step(false);
    expect((await collector.step(false)).episodes).toHaveLength(1);
    expect((await collector.step(false)).broken).toEqual([{ envIndex: 1, return: 203, length: 2 }]);
    expect((await collector.step(false)).broken).toEqual([]);
  });

  it('gives up when no step comes through any more', async () => {
    const env = createEnv(mode, 1);
    env.lostSteps = Array.from({ length: 20 }, (_, i) => i + 1);
    const collector = createCollector(env);
    await collector.reset([0]);
    const play = async () => {
      for (let i = 0; i < 20; i++) await collector.step(false);
    };
    await expect(play()).rejects.toThrow('gone');
    expect(env.resets).toHaveLength(6);
  });
});

it('a loss in the reset after a step keeps the step and its ends', async () => {
  const env = createEnv('disabled', 2);
  env.lostResets = [1];
  const collector = createCollector(env);
  await collector.reset([0, 1]);
  await collector.step(false);
  const { transitions, episodes, broken } = await collector.step(false);
  expect(transitions.map(({ nextObservation }) => [...nextObservation])).toEqual([
    [0, 0, 2],
    [1, 0, 2],
  ]);
  expect(episodes).toEqual([{ envIndex: 0, return: 3, length: 2, terminated: false }]);
  expect(broken).toEqual([{ envIndex: 1, return: 203, length: 2 }]);
  expect(env.resets.at(-1)).toEqual({ seeds: [100, 101] });
});

describe('an evaluation', () => {
  const policy: Policy = {
    act: (observations, rows) => observations.slice(0, rows).map((x) => x / 2),
    reset() {},
  };

  it.each(modes)('plays a round whose episodes are lost again, %s', async (autoresetMode) => {
    const createIdentityEnv = () =>
      new ForgetfulEnv({ make: () => new IdentityEnv(7), observationSize: 1, numEnvs: 2, autoresetMode });
    const whole = await evaluate({ env: createIdentityEnv(), policy, episodes: 5, seed: 40 });
    const env = createIdentityEnv();
    env.lostSteps = [3, 12];
    expect(await evaluate({ env, policy, episodes: 5, seed: 40 })).toEqual(whole);
    env.lostSteps = Array.from({ length: 99 }, (_, i) => i + 1);
    const all = evaluate({ env, policy, episodes: 5, seed: 40 });
    await expect(all).rejects.toThrow('gone');
  });
});
