import type { LearnerState, NetworkState } from './network-state.ts';

/** One minibatch, every array row-major with `size` rows; actions in [-1, 1] units. */
export interface Batch {
  readonly size: number;
  /** [size, observationSize] */
  readonly observation: Float32Array;
  /** [size, actionSize] */
  readonly action: Float32Array;
  /** [size] */
  readonly reward: Float32Array;
  /** [size, observationSize] */
  readonly nextObservation: Float32Array;
  /** [size], 1 where the episode terminated (truncation does not count), else 0. */
  readonly terminated: Float32Array;
}

/** What the last update measured. */
export interface LearnerMetrics {
  /** MSE(Q1, y) + MSE(Q2, y) of the last update. */
  readonly criticLoss: number;
  /** −mean Q1(s, actor(s)) of the last policy update; NaN before the first. */
  readonly actorLoss: number;
  /** Mean of Q1(s, a) over the last batch. */
  readonly meanQ: number;
  /** Mean of the targets y over the last batch. */
  readonly meanTarget: number;
  readonly gradientSteps: number;
  readonly policyUpdates: number;
}

/**
 * TD3's update rule. Asynchronous from the first day, so that an implementation may live in a worker thread;
 * the noise is an input, so that every implementation is a pure function of its state and its arguments.
 */
export interface Learner {
  /** Implementation and backend, for people: "tfjs (tensorflow)". */
  readonly description: string;

  /**
   * One gradient step: both critics, and every policyDelay-th time the actor and the targets.
   * @param batch `batchSize` rows
   * @param targetNoise [batchSize, actionSize] standard normal draws, before scaling and clipping
   */
  update(batch: Batch, targetNoise: Float32Array): Promise<void>;

  readMetrics(): Promise<LearnerMetrics>;

  /** The actor as it is now; a copy. */
  actorWeights(): Promise<NetworkState>;

  /** All state; a copy. */
  exportState(): Promise<LearnerState>;

  /** Replaces all state. Shapes must be those of the learner's own networks. */
  importState(state: LearnerState): Promise<void>;

  /** The updates that follow learn at these rates; moments and step counts of Adam go on. They are not part of the state. */
  setLearningRates(rates: LearningRates): Promise<void>;

  /** Frees memory and threads. The learner cannot be used afterwards. */
  dispose(): Promise<void>;
}

/** Adam's step sizes. */
export interface LearningRates {
  readonly actor: number;
  readonly critic: number;
}

/** What a learner is made from; every key changes the result. */
export interface LearnerOptions {
  readonly observationSize: number;
  readonly actionSize: number;
  readonly hiddenSizes: readonly number[];
  readonly batchSize: number;
  readonly gamma: number;
  readonly tau: number;
  readonly targetPolicyNoise: number;
  readonly targetNoiseClip: number;
  readonly policyDelay: number;
  readonly actorLearningRate: number;
  readonly criticLearningRate: number;
}

/** Makes a learner that goes on from the state, `createTfjsLearner` for one. */
export type CreateLearner = (options: LearnerOptions, state: LearnerState) => Promise<Learner>;
