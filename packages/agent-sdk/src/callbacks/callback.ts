import type { ResolvedTrainOptions } from '../generated/train-options.ts';
import type { EvaluationSummary } from '../policy/policy-snapshot.ts';
import type { EpisodeMetrics, EvaluationMetrics, TrainingMetrics } from '../run-folder/metrics.ts';
import type { LearningRates } from '../td3/learner.ts';

/** What a callback may keep in the checkpoint: JSON's values, finite numbers, and typed arrays. */
export type CallbackState =
  | null
  | boolean
  | number
  | string
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Uint8Array
  | readonly CallbackState[]
  | { readonly [key: string]: CallbackState };

/**
 * What a callback is handed: where the run stands, and what it can ask for. What is asked is done when the callback has returned, in
 * the order in which it was asked; an evaluation or a checkpoint at the next place between two steps. Valid during the call only.
 */
export interface CallbackContext {
  /** All options of the run. */
  readonly options: ResolvedTrainOptions;
  /** Transitions collected in all environments so far. */
  readonly envSteps: number;
  /** Updates of both critics so far. */
  readonly gradientSteps: number;
  /** Episodes that ended in training so far. */
  readonly episodes: number;
  /** Those that updates have now. */
  readonly learningRates: LearningRates;
  /** The last evaluation; null before the first. */
  readonly lastEvaluation: EvaluationSummary | null;
  /** Ends the run, saved as at any other end; its status is `stopped`. @param reason for people; in events.jsonl and the result */
  stop(reason: string): void;
  /** Asks for an evaluation, unless this very moment had one. */
  evaluate(): void;
  /** Asks for a checkpoint. */
  saveCheckpoint(): void;
  /** From the next update on; kept in the checkpoint. @throws AgentError INVALID_OPTION */
  setLearningRates(rates: Partial<LearningRates>): void;
  /**
   * Adds a line of the type `custom` to metrics.jsonl. A number that is not finite has no value: give null.
   * @param metrics up to 64; names such as `success_rate` or `arm/effort`
   * @throws AgentError INVALID_OPTION
   */
  addMetrics(metrics: Readonly<Record<string, number | null>>): void;
}

/**
 * Something of one's own that happens while a run trains. Every method may return a promise, which is waited for; callbacks are called
 * one after the other, in the order in which they were given. What one throws ends the training, which is saved first (CALLBACK_FAILED).
 * A method that is not there costs nothing.
 */
export interface TrainCallback {
  /** By which its state is found in a checkpoint, and it is named in files and messages: unique in a run. */
  readonly name: string;
  /** True where what it does depends on the time of day or on how long things take: the run is marked as not reproducible. */
  readonly usesClock?: boolean | undefined;
  /** Environment steps between two calls of `onInterval`, which comes after the step that reaches a multiple of it. */
  readonly interval?: number | undefined;
  /** Before the first step, also of a run that goes on; its state is restored then. */
  onStart?(context: CallbackContext): unknown;
  /** After every vector step and the updates that it owed. */
  onStep?(context: CallbackContext): unknown;
  onInterval?(context: CallbackContext): unknown;
  /** After a training episode ended. */
  onEpisode?(context: CallbackContext, episode: EpisodeMetrics): unknown;
  /** Every logInterval steps. */
  onTraining?(context: CallbackContext, metrics: TrainingMetrics): unknown;
  /** After an evaluation. With this, training waits for evaluations, also where they could be played alongside. */
  onEvaluation?(context: CallbackContext, evaluation: EvaluationMetrics): unknown;
  /** After a checkpoint. All is saved then: only `stop` can be asked for. */
  onCheckpoint?(context: CallbackContext, checkpoint: { readonly path: string }): unknown;
  /** At the end, before the last checkpoint; not where training fails. */
  onEnd?(context: CallbackContext, end: { readonly status: string }): unknown;
  /** What it needs to go on; asked at every checkpoint. At most 16 MiB. */
  state?(): CallbackState | Promise<CallbackState>;
  /** Takes over what `state` gave, before `onStart` of a run that goes on. */
  readonly restore?: ((state: CallbackState) => unknown) | undefined;
}
