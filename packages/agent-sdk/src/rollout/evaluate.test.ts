import type { AutoresetMode } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { CountingEnv, IdentityEnv } from '../testing/fake-envs.ts';
import { FakeVectorEnv } from '../testing/fake-vector-env.ts';
import { type EvaluationProgress, evaluate } from './evaluate.ts';

const half = (observations: Float32Array, rows: number) => observations.slice(0, rows).map((x) => x / 2);

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
      const policy = async (_observations: Float32Array, rows: number) => new Float32Array(rows);
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
    const policy = (_observations: Float32Array, rows: number) => {
      controller.abort();
      return new Float32Array(rows);
    };
    const env = createIdentityEnv(1, 'disabled');
    const evaluating = evaluate({ env, policy, episodes: 1, seed: 0, signal: controller.signal });
    await expect(evaluating).rejects.toThrow('aborted');
    expect(env.steps).toBe(1);
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
