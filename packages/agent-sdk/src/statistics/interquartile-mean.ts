import { AgentError } from '../errors.ts';

/**
 * The mean of what is left when the lowest and the highest quarter of the scores are taken away, ⌊n / 4⌋ at each end: neither
 * a lucky run nor a broken one moves it much. Source: Agarwal et al., "Deep Reinforcement Learning at the Edge of the
 * Statistical Precipice", NeurIPS 2021; as their rliable has it, which is SciPy's `trim_mean` of 0.25. Of three scores or fewer
 * it is the mean.
 * @throws AgentError INVALID_OPTION for no scores, NON_FINITE_VALUE
 */
export function interquartileMean(scores: ArrayLike<number>): number {
  const sorted = checkedScores('interquartileMean', scores).sort();
  const cut = Math.floor(sorted.length / 4);
  return mean(sorted.subarray(cut, sorted.length - cut));
}

export function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** @returns a copy @throws AgentError INVALID_OPTION for no scores, NON_FINITE_VALUE */
export function checkedScores(what: string, scores: ArrayLike<number>): Float64Array {
  if (scores.length === 0) {
    throw new AgentError('INVALID_OPTION', `${what}: expected at least one score, got none`);
  }
  const values = Float64Array.from(scores);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return values;
  throw new AgentError(
    'NON_FINITE_VALUE',
    `${what}: expected finite scores, got ${values[bad]} at index ${bad}`,
  );
}
