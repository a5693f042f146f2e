/** What options of a run do by callbacks, which are called before the user's: under the names of the options. */
import type { TrainCallback } from '../../callbacks/callback.ts';
import { describeReached } from '../../callbacks/stop-callbacks.ts';
import type { ResolvedTrainOptions } from '../../generated/train-options.ts';
import { isSolved } from './run-end.ts';
import type { TrainingState } from './training-state.ts';

export function optionCallbacks(
  options: ResolvedTrainOptions,
  state: TrainingState,
): readonly TrainCallback[] {
  return [...stopAtReturn(options, state), checkpointInterval(options)];
}

/** A run that goes on where it was solved is so still. */
function stopAtReturn(options: ResolvedTrainOptions, state: TrainingState): [] | [callback: TrainCallback] {
  const { stopAtReturn: bound } = options;
  if (bound === null) return [];
  const check: TrainCallback['onStart'] = (context) => {
    const { lastEvaluation } = state;
    if (lastEvaluation === null || !isSolved(options, state)) return;
    context.stop(describeReached(lastEvaluation.meanReturn, bound, context));
  };
  return [{ name: 'stopAtReturn', onStart: check, onEvaluation: check }];
}

function checkpointInterval({ checkpointInterval: interval }: ResolvedTrainOptions): TrainCallback {
  return {
    name: 'checkpointInterval',
    interval,
    onInterval: (context) => context.saveCheckpoint(),
    // A new run's first is due at once: whatever happens next, the run can be resumed.
    onStart(context) {
      if (context.envSteps === 0) context.saveCheckpoint();
    },
  };
}
