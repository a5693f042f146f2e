import type { ObservationLayout } from './observation-layout.ts';

/**
 * What a policy file is made from. Declared by structure, so that this package needs no other to be used;
 * `@gymwire/agent-sdk`'s PolicySnapshot is assignable to it.
 */
export interface PolicySnapshot {
  readonly envId: string;
  /** Keyword arguments that the environment was made with, if any; the others had their defaults. */
  readonly envArguments?: Readonly<Record<string, EnvArgument>>;
  /** Steps until an episode was truncated, 0 for no limit; absent: the environment's own limit, whatever that was. */
  readonly maxEpisodeSteps?: number;
  /** The environment could not say what it was made with: arguments and limit are what the options asked for. */
  readonly envUnconfirmed?: true;
  /** Relu between layers, tanh at the end; output in [-1, 1]. */
  readonly actor: readonly LinearLayer[];
  /** Environment units, one an action dimension; both finite, low < high. */
  readonly actionLow: Float32Array;
  readonly actionHigh: Float32Array;
  /** Bounds of the flattened observation; ±Infinity where there is none. */
  readonly observationLow: Float32Array;
  readonly observationHigh: Float32Array;
  /** What is flattened; absent: observations come flat. */
  readonly observationLayout?: ObservationLayout;
  readonly observationNormalizer?: ObservationNormalizer;
  /** Environment steps seen in training. */
  readonly envSteps: number;
  /** The evaluation that this policy was chosen by, if any. */
  readonly evaluation?: EvaluationSummary;
  /** sha256 of the training options that no resume may change, hex. */
  readonly configHash: string;
}

/** An environment's keyword argument as JSON. */
export type EnvArgument = boolean | number | string | readonly number[];

/** y = x·Wᵀ + b. */
export interface LinearLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** Row-major [outputs, inputs]. */
  readonly weight: Float32Array;
  /** [outputs] */
  readonly bias: Float32Array;
}

/** (observation − mean) / scale, clipped to ±clip (Infinity: not clipped). */
export interface ObservationNormalizer {
  /** [observationSize] */
  readonly mean: Float32Array;
  /** [observationSize], above zero */
  readonly scale: Float32Array;
  readonly clip: number;
}

/** Deterministic episodes on an environment of their own. */
export interface EvaluationSummary {
  readonly episodes: number;
  readonly meanReturn: number;
  readonly stdReturn: number;
  readonly meanLength: number;
}
