import { createRandomStream } from '../../random/random-stream.ts';

/**
 * Three ranges that do not meet, so that no episode of one is an episode of another, all below 2^31, since some
 * simulators take no more: training, the evaluations that choose a policy, and the tests that judge it.
 */
const firstEvaluationSeed = 2 ** 30;
export const firstTestSeed = 3 * 2 ** 29;

/**
 * One seed an environment, for the start of a run, for each resume of it, and for the new episodes after the
 * environments were lost for the `losses`-th time since.
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
