import { bootstrapInterval, type Interval } from './bootstrap-interval.ts';
import { checkedScores, interquartileMean, mean } from './interquartile-mean.ts';

/** What the returns of runs with different seeds come to. */
export interface ReturnsSummary {
  /** Number of runs. */
  readonly runs: number;
  /** Mean of their returns. */
  readonly mean: number;
  /** Standard deviation of a sample (divided by their number less one): seeds are a few of all that there are. Null for one run. */
  readonly std: number | null;
  /** Interquartile mean; see `interquartileMean`. */
  readonly iqm: number;
  /** 95 % bootstrap interval of the interquartile mean; see `bootstrapInterval`. Null for one run, of which nothing is known. */
  readonly interval: Interval | null;
}

/**
 * Sums up the returns of runs with different seeds on one task.
 * @throws AgentError INVALID_OPTION for no returns, NON_FINITE_VALUE
 */
export function summarizeReturns(returns: ArrayLike<number>): ReturnsSummary {
  const values = checkedScores('summarizeReturns', returns);
  const runs = values.length;
  const centre = mean(values);
  const iqm = interquartileMean(values);
  if (runs === 1) return { runs, mean: centre, std: null, iqm, interval: null };
  const squares = values.map((value) => (value - centre) ** 2);
  const std = Math.sqrt((mean(squares) * runs) / (runs - 1));
  return { runs, mean: centre, std, iqm, interval: bootstrapInterval([values]) };
}
