import type { CallbackContext, TrainCallback } from './callback.ts';

/**
 * Calls a function every so many environment steps: after the step that reaches a multiple. (Stable-Baselines3: EveryNTimesteps.)
 * @param name where a run has several: `every1000Steps` and the like is the default
 */
export function everySteps(
  interval: number,
  onInterval: (context: CallbackContext) => unknown,
  name = `every${interval}Steps`,
): TrainCallback {
  return { name, interval, onInterval };
}

/** Asks for an evaluation every so many environment steps, beside those of `evaluationInterval`. (Stable-Baselines3: EvalCallback.) */
export function evaluation({ everySteps: interval }: { readonly everySteps: number }): TrainCallback {
  return everySteps(interval, (context) => context.evaluate(), 'evaluation');
}

/** Asks for a checkpoint every so many environment steps, beside those of `checkpointInterval`. (Keras: ModelCheckpoint.) */
export function checkpoint({ everySteps: interval }: { readonly everySteps: number }): TrainCallback {
  return everySteps(interval, (context) => context.saveCheckpoint(), 'checkpoint');
}
