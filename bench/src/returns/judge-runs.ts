/** What the runs of one environment have come to, and what was wanted of them. */
import type { Run } from './read-run.ts';

/** How many evaluations at its end a run is judged by. */
const lastEvaluations = 3;

export interface Goal {
  /** The judgement, for people. */
  readonly text: string;
  /** True where each of the last evaluations counts, not their mean. */
  readonly eachCounts: boolean;
  /** @param finals one for each run */
  readonly isReached: (finals: readonly number[]) => boolean;
}

/** What is wanted of three seeds, at the number of steps at which it is wanted. */
export const goals: Readonly<Record<string, { readonly envSteps: number; readonly goal: Goal }>> = {
  'InvertedPendulum-v5': {
    envSteps: 50_000,
    goal: {
      text: 'the last 3 evaluations at least 950 each, on at least 2 of 3 seeds',
      eachCounts: true,
      isReached: (finals) => finals.filter((final) => final >= 950).length >= 2,
    },
  },
  'HalfCheetah-v5': {
    envSteps: 100_000,
    goal: {
      text: 'mean of the last 3 evaluations at least 3 500 averaged over the seeds, none below 1 500',
      eachCounts: false,
      isReached: (finals) => mean(finals) >= 3500 && Math.min(...finals) >= 1500,
    },
  },
  'Hopper-v5': {
    envSteps: 200_000,
    goal: {
      text: 'median over the seeds of the mean of the last 3 evaluations at least 600',
      eachCounts: false,
      isReached: (finals) => median(finals) >= 600,
    },
  },
};

/** The returns of the evaluations that a run is judged by. */
export function lastReturns({ evaluations }: Pick<Run, 'evaluations'>): readonly number[] {
  return evaluations.slice(-lastEvaluations).map(({ meanReturn }) => meanReturn);
}

/**
 * One number a run: the mean of its last evaluations, or the lowest of them where each counts.
 * @param eachCounts whether the goal is one for every evaluation
 */
export function finalReturn(run: Pick<Run, 'evaluations'>, eachCounts: boolean): number {
  const returns = lastReturns(run);
  return eachCounts ? Math.min(...returns) : mean(returns);
}

/** @throws Error when the runs are not of one environment with equal options but for the seed, and equal seeding */
export function checkComparable(runs: readonly Run[]): void {
  const [first, ...others] = runs.map(({ options, seeding = 1 }) =>
    JSON.stringify({ ...options, seed: 0, seeding }),
  );
  if (others.some((other) => other !== first)) {
    throw new Error(
      `runs of ${runs[0]?.options.envId}: their options differ in more than the seed, or their seeding`,
    );
  }
  const seeds = runs.map(({ options }) => options.seed);
  if (new Set(seeds).size < seeds.length) throw new Error(`a seed occurs twice among ${seeds.join(', ')}`);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : mean([sorted[middle - 1], sorted[middle]]);
}
