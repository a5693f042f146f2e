import type { AutoresetMode, Seed } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../policy/policy.ts';
import { CountingEnv, IdentityEnv } from '../testing/fake-envs.ts';
import { type FakeEnv, FakeVectorEnv } from '../testing/fake-vector-env.ts';
import { StepCountingPolicy } from '../testing/step-counting-policy.ts';
import { type EvaluationProgress, evaluate } from './evaluate.ts';

const half: Policy = {
  act: (observations, rows) => observations.slice(0, rows).map((x) => x / 2),
  reset() {},
};

function createIdentityEnv(numEnvs: number, autoresetMode: AutoresetMode): FakeVectorEnv {
  return new FakeVectorEnv({ make: () => new IdentityEnv(7), observationSize: 1, numEnvs, autoresetMode });
}

describe('evaluate', () => {
  it('plays the first episode of each seed, however many environments there are', async () => {
    const reference = await evaluate({
      env: createIdentityEnv(1, 'disabled'),
      policy: half,
      episodes: 5,
      seed: 40,
    });
    expect(reference).toMatchObject({ episodes: 5, meanLength: 7, lengths: [7, 7, 7, 7, 7] });
    expect(new Set(reference.returns).size).toBe(5);
    for (const numEnvs of [2, 5, 8]) {
      for (const mode of ['disabled', 'next-step', 'same-step'] as const) {
        const env = createIdentityEnv(numEnvs, mode);
        expect(await evaluate({ env, policy: half, episodes: 5, seed: 40 })).toEqual(reference);
      }
    }
  });

  it('starts episode k from seed + k, in rounds', async () => {
    const env = createIdentityEnv(2, 'same-step');
    await evaluate({ env, policy: half, episodes: 3, seed: 7 });
    expect(env.resets).toEqual([{ seeds: [7, 8] }, { seeds: [9, 10] }]);
  });

  it('waits for the longest first episode and sums nothing else', async () => {
    // First episodes of 2, 3 and 4 steps, actions zero: rewards count up.
    for (const mode of ['disabled', 'next-step', 'same-step'] as const) {
      const env = new FakeVectorEnv({
        make: (i) => new CountingEnv(i),
        observationSize: 3,
        numEnvs: 3,
        autoresetMode: mode,
      });
      const policy: Policy = { act: async (_observations, rows) => new Float32Array(rows), reset() {} };
      const result = await evaluate({ env, policy, episodes: 3, seed: 0 });
      expect(result.returns).toEqual([1 + 2, 306, 201 + 202 + 203 + 204]);
      expect(result.lengths).toEqual([2, 3, 4]);
      expect(result.meanReturn).toBeCloseTo((3 + 306 + 810) / 3, 10);
      expect(result.stdReturn).toBeCloseTo(Math.sqrt(110_786), 10);
      expect(result.meanLength).toBe(3);
      expect(env.steps).toBe(4);
    }
  });

  it('stops when told to', async () => {
    const controller = new AbortController();
    const policy: Policy = {
      act(_observations, rows) {
        controller.abort();
        return new Float32Array(rows);
      },
      reset() {},
    };
    const env = createIdentityEnv(1, 'disabled');
    const evaluating = evaluate({ env, policy, episodes: 1, seed: 0, signal: controller.signal });
    await expect(evaluating).rejects.toThrow('aborted');
    expect(env.steps).toBe(1);
  });
});

/** Episodes of 2 to 6 steps, as the seed decides. */
class SeededEnv implements FakeEnv {
  #env = new IdentityEnv(2);

  reset(seed: Seed | null): readonly number[] {
    this.#env = new IdentityEnv(2 + (Number(seed ?? 0) % 5));
    return this.#env.reset(seed);
  }

  step(action: Float32Array) {
    return this.#env.step(action);
  }
}

describe.each(['disabled', 'next-step', 'same-step'] as const)('a policy with state a row, %s', (mode) => {
  it('has the same returns on 1, 3 and 16 environments', async () => {
    const play = (numEnvs: number) => {
      const make = () => new SeededEnv();
      const env = new FakeVectorEnv({ make, observationSize: 1, numEnvs, autoresetMode: mode });
      return evaluate({ env, policy: new StepCountingPolicy(), episodes: 5, seed: 41 });
    };
    const alone = await play(1);
    expect(alone.lengths).toEqual([3, 4, 5, 6, 2]);
    expect(await play(3)).toEqual(alone);
    expect(await play(16)).toEqual(alone);
  });

  it('is told of each start before it plays it, and of nothing else', async () => {
    // An observation's third number is the step of the episode: 0 in its first.
    const told: boolean[] = [];
    const played: boolean[] = [];
    const rows = new Set<number>();
    const policy: Policy = {
      act(observations, count) {
        for (let row = 0; row < count; row++) {
          told.push(rows.has(row));
          played.push(observations[3 * row + 2] === 0);
        }
        rows.clear();
        return new Float32Array(count);
      },
      reset: (starting) => starting.forEach((row) => rows.add(row)),
    };
    const make = (i: number) => new CountingEnv(i);
    const env = new FakeVectorEnv({ make, observationSize: 3, numEnvs: 3, autoresetMode: mode });
    // Two rounds; the third environment of the second plays unheeded.
    await evaluate({ env, policy, episodes: 5, seed: 0 });
    expect(told).toEqual(played);
    expect(told.filter(Boolean).length).toBeGreaterThan(6);
  });
});

describe('an episode that never ends', () => {
  const endless = (maxEpisodeSteps?: number) =>
    new FakeVectorEnv({
      make: (i) => new IdentityEnv(i === 0 ? 5 : Number.POSITIVE_INFINITY),
      observationSize: 1,
      numEnvs: 2,
      ...(maxEpisodeSteps !== undefined && { maxEpisodeSteps }),
    });
  const told: EvaluationProgress[] = [];
  const play = (env: FakeVectorEnv) =>
    evaluate({ env, policy: half, episodes: 2, seed: 7, onProgress: (progress) => void told.push(progress) });

  it('is an error after a stated number of steps, and until then there is something to see', async () => {
    await expect(play(endless())).rejects.toMatchObject({
      name: 'AgentError',
      code: 'EPISODE_ENDLESS',
      message:
        'Fake-v0: the episode of seed 8 has not ended after 100000 steps, and it has no time limit; ' +
        'set one: maxEpisodeSteps, or --max-episode-steps on the command line',
    });
    expect(told[0]).toEqual({ steps: 1_000, episodesEnded: 1, episodes: 2 });
    expect(told).toHaveLength(100);
  });

  it('is waited for as long as its own limit says', async () => {
    const env = new FakeVectorEnv({
      make: () => new IdentityEnv(100_500),
      observationSize: 1,
      maxEpisodeSteps: 100_500,
    });
    expect(await evaluate({ env, policy: half, episodes: 1, seed: 7 })).toMatchObject({ lengths: [100_500] });
  });
});
