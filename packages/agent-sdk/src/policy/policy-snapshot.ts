import type { DType } from '@gymwire/protocol';
import type { NetworkState } from '../td3/network-state.ts';

/** One evaluation: deterministic episodes on an environment of their own. */
export interface EvaluationSummary {
  readonly episodes: number;
  readonly meanReturn: number;
  readonly stdReturn: number;
  readonly meanLength: number;
}

/** Shift and scale of observations: (observation − mean) / scale, clipped to ±clip. */
export interface ObservationNormalizer {
  /** [observationSize] */
  readonly mean: Float32Array;
  /** [observationSize] */
  readonly scale: Float32Array;
  readonly clip: number;
}

/**
 * What an observation is before it is flattened: a Box, or a Dict or Tuple of these, entries in the order in which
 * they are flattened.
 */
export type ObservationLayout =
  | { readonly type: 'box'; readonly dtype: DType; readonly shape: readonly number[] }
  | {
      readonly type: 'dict';
      readonly entries: readonly (readonly [key: string, layout: ObservationLayout])[];
    }
  | { readonly type: 'tuple'; readonly items: readonly ObservationLayout[] };

/** An environment's keyword argument as JSON. */
export type EnvArgument = boolean | number | string | readonly number[];

/** All that deployment needs of a trained actor, and nothing else. */
export interface PolicySnapshot {
  readonly envId: string;
  /** Keyword arguments that the environment was made with, if any; the others had their defaults. */
  readonly envArguments?: Readonly<Record<string, EnvArgument>>;
  /** Steps until an episode was truncated, 0 for no limit; absent: the environment's own limit, whatever that was. */
  readonly maxEpisodeSteps?: number;
  /** The environment could not say what it was made with: arguments and limit are what the options asked for. */
  readonly envUnconfirmed?: true;
  /** Relu between layers, tanh at the end; output in [-1, 1]. */
  readonly actor: NetworkState;
  /** Environment units, float32, one an action dimension; both finite. */
  readonly actionLow: Float32Array;
  readonly actionHigh: Float32Array;
  /** Bounds of the flattened observation; ±Infinity where there is none. */
  readonly observationLow: Float32Array;
  readonly observationHigh: Float32Array;
  /** What is flattened; absent in files of earlier versions. */
  readonly observationLayout?: ObservationLayout;
  readonly observationNormalizer?: ObservationNormalizer;
  /** Environment steps seen in training. */
  readonly envSteps: number;
  /** The evaluation that this policy was chosen by, if any. */
  readonly evaluation?: EvaluationSummary;
  /** sha256 of the training options that no resume may change, hex. */
  readonly configHash: string;
}
