import { createRandomStream } from '../random/random-stream.ts';

/** Training seeds lie below, evaluation seeds at or above: no episode of one can be an episode of the other. */
const boundary = 2 ** 31;

/**
 * One seed an environment, for the start of a run and for each resume of it. Between 0 and 2^31 − 1, since some
 * simulators take no more.
 */
export function trainingSeeds(seed: number, resumes: number, envSteps: number, numEnvs: number): number[] {
  const stream = createRandomStream(seed, `training-env/${resumes}/${envSteps}`);
  const first = stream.integer(boundary - numEnvs);
  return Array.from({ length: numEnvs }, (_, i) => first + i);
}

/** The seed of the first evaluation episode; the others count on from it. The same at every evaluation. */
export function evaluationSeed(seed: number, episodes: number): number {
  return boundary + createRandomStream(seed, 'evaluation-env').integer(boundary - episodes);
}
