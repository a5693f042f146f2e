import { AgentError } from '../errors.ts';
import { createRandomStream } from '../random/random-stream.ts';
import { checkedScores, interquartileMean } from './interquartile-mean.ts';

/** A confidence interval. */
export interface Interval {
  /** Its lower end. */
  readonly low: number;
  /** Its upper end. */
  readonly high: number;
}

/** How `bootstrapInterval` computes. */
export interface BootstrapOptions {
  /** What of the scores of all tasks is estimated. Default: `interquartileMean`. */
  readonly statistic?: (scores: Float64Array) => number;
  /** Share of the resamples that lie in the interval. Default 0.95. */
  readonly level?: number;
  /** Resamples. Default 50 000, as rliable's. */
  readonly resamples?: number;
  /** Seed of the draws: equal scores and seeds give equal intervals. Default 0. */
  readonly seed?: number;
}

/**
 * A confidence interval by the stratified bootstrap, percentile method: runs are drawn anew with replacement, each task's from
 * that task's, as often as it has runs; the statistic is taken over all tasks' scores together; the interval lies between
 * quantiles of what comes out. Source: Agarwal et al. 2021 (see `interquartileMean`).
 * @param tasks the scores of each task's runs; a single task: `[scores]`. Tasks may differ in their number of runs
 * @throws AgentError INVALID_OPTION, NON_FINITE_VALUE
 */
export function bootstrapInterval(
  tasks: ReadonlyArray<ArrayLike<number>>,
  options: BootstrapOptions = {},
): Interval {
  const { statistic = interquartileMean, level = 0.95, resamples = 50_000, seed = 0 } = options;
  if (!(level > 0 && level < 1)) {
    throw new AgentError('INVALID_OPTION', `level: expected a number between 0 and 1, got ${level}`);
  }
  if (!Number.isSafeInteger(resamples) || resamples < 1) {
    throw new AgentError('INVALID_OPTION', `resamples: expected a whole number above 0, got ${resamples}`);
  }
  const strata = tasks.map((scores) => checkedScores('bootstrapInterval', scores));
  const drawn = checkedScores(
    'bootstrapInterval',
    strata.flatMap((scores) => [...scores]),
  );
  const stream = createRandomStream(seed, 'bootstrap');
  const estimates = Float64Array.from({ length: resamples }, () => {
    let at = 0;
    for (const scores of strata) {
      for (let n = scores.length; n > 0; n--) drawn[at++] = scores[stream.integer(scores.length)];
    }
    return statistic(drawn);
  }).sort();
  const outside = (1 - level) / 2;
  return { low: quantile(estimates, outside), high: quantile(estimates, 1 - outside) };
}

/** Between the two nearest values by their distance, as NumPy's `percentile`. @param sorted in ascending order */
export function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
