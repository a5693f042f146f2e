import type { TrainCallback } from '../../callbacks/callback.ts';
import { describeReached } from '../../callbacks/stop-callbacks.ts';
import type { ResolvedTrainOptions } from '../../generated/train-options.ts';
import { isSolved } from './run-end.ts';
import type { TrainingState } from './training-state.ts';

/** The option of this name, as a callback; undefined where it is not set. A run that goes on where it was solved is so still. */
export function stopAtReturn(options: ResolvedTrainOptions, state: TrainingState): TrainCallback | undefined {
  const { stopAtReturn: bound } = options;
  if (bound === null) return undefined;
  const check: TrainCallback['onStart'] = (context) => {
    const { lastEvaluation } = state;
    if (lastEvaluation === null || !isSolved(options, state)) return;
    context.stop(describeReached(lastEvaluation.meanReturn, bound, context));
  };
  return { name: 'stopAtReturn', onStart: check, onEvaluation: check };
}
