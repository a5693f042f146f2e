// Callbacks of `train`, by the names that people know, and what one's own is made of.
export type { CallbackContext, CallbackState, TrainCallback } from './callbacks/callback.ts';
export { checkpoint, evaluation, everySteps } from './callbacks/every-steps.ts';
export { type NoImprovementSettings, stopOnNoImprovement, stopOnReward } from './callbacks/stop-callbacks.ts';
