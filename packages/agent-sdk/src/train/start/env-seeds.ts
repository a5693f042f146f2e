import { createRandomStream } from '../../random/random-stream.ts';

/**
 * Three ranges that do not meet, so that no episode of one is an episode of another, all below 2^31, since some
 * simulators take no more: training, the evaluations that choose a policy, and the tests that judge it.
 */
const trainingBits = 30;
const trainingMask = 2 ** trainingBits - 1;
const firstEvaluationSeed = 2 ** trainingBits;
export const firstTestSeed = 3 * 2 ** 29;

/** A function of an environment's index and the number of its episode, both from 0 on. */
export type EpisodeSeed = (envIndex: number, episode: number) => number;

/**
 * Seeds of training episodes, each from the run's seed and its own place alone. Of one run all are different, as long as
 * no environment has more than 2^30 / N episodes (N: `numEnvs`, rounded up to a power of two): an episode after that begins
 * as another environment's did, and nothing else comes of it.
 */
export function createEpisodeSeed(seed: number): EpisodeSeed {
  const stream = createRandomStream(seed, 'training-episodes');
  const keys = Array.from({ length: 3 }, () => stream.integer(firstEvaluationSeed));
  // Episode after episode from places as far apart as they can be: 0, a half, a quarter, three quarters …
  return (envIndex, episode) => permuted((reversed(envIndex) + episode) % firstEvaluationSeed, keys);
}

/** The 30 bits of an index in the other order. */
function reversed(index: number): number {
  let result = 0;
  for (let bit = 0; bit < trainingBits; bit++) result = (result << 1) | ((index >>> bit) & 1);
  return result;
}

/** One to one on 30 bits: neighbours, and runs of other seeds, have nothing in common. */
function permuted(index: number, keys: readonly number[]): number {
  let x = index;
  for (const key of keys) {
    x = (x + key) & trainingMask;
    x ^= x >>> 15;
    x = Math.imul(x, 0x2c1b_3c6d) & trainingMask;
    x ^= x >>> 13;
  }
  return x;
}

/**
 * Seeds as runs of older versions have them: one an environment, for the start of a run, for each resume of it, and for
 * the new episodes after the environments were lost for the `losses`-th time since. All other episodes go on with the
 * environments' random streams.
 */
export function trainingSeeds(
  seed: number,
  resumes: number,
  envSteps: number,
  numEnvs: number,
  losses = 0,
): number[] {
  const loss = losses === 0 ? '' : `/${losses}`;
  const stream = createRandomStream(seed, `training-env/${resumes}/${envSteps}${loss}`);
  const first = stream.integer(firstEvaluationSeed - numEnvs);
  return Array.from({ length: numEnvs }, (_, i) => first + i);
}

/** The seed of the first evaluation episode; the others count on from it. The same at every evaluation. */
export function evaluationSeed(seed: number, episodes: number): number {
  const seeds = firstTestSeed - firstEvaluationSeed - episodes;
  return firstEvaluationSeed + createRandomStream(seed, 'evaluation-env').integer(seeds);
}
