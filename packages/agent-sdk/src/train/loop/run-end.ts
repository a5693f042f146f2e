/** What tells whether a run has come to its end, from what a checkpoint's header has too. */
import type { Counters } from '../../checkpoint/checkpoint.ts';
import type { ResolvedTrainOptions } from '../../generated/train-options.ts';
import type { EvaluationSummary } from '../../policy/policy-snapshot.ts';
import type { TrainStatus } from '../report/progress.ts';

/** Where a run stands. */
export interface RunPoint {
  readonly counters: Counters;
  readonly lastEvaluation: EvaluationSummary | null;
}

/**
 * Gradient steps that the transitions collected since learning started still owe. From counts, not summed up: exact at any
 * ratio, and after a stop at any point.
 * @param ratio gradient steps for each transition
 */
export function owedUpdates({ learningTransitions, gradientSteps }: Counters, ratio: number): number {
  // 0.29 × 100 is 28.999… in float64.
  return Math.floor(ratio * learningTransitions + 1e-6) - gradientSteps;
}

export function isSolved({ stopAtReturn }: ResolvedTrainOptions, point: RunPoint): boolean {
  if (stopAtReturn === null || point.lastEvaluation === null) return false;
  return isEvaluated(point) && point.lastEvaluation.meanReturn >= stopAtReturn;
}

/** @returns how the run has ended; undefined: to go on with it would do something */
export function findEnd(
  options: ResolvedTrainOptions,
  point: RunPoint,
): Exclude<TrainStatus, 'interrupted'> | undefined {
  if (isSolved(options, point)) return 'solved';
  const { counters } = point;
  const isDone = counters.envSteps >= options.totalEnvSteps && isEvaluated(point);
  return isDone && owedUpdates(counters, options.gradientStepsPerTransition) <= 0 ? 'completed' : undefined;
}

function isEvaluated({ counters }: RunPoint): boolean {
  return counters.lastEvaluationAt === counters.envSteps;
}
