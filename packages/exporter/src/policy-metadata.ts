import type { ObservationLayout } from './observation-layout.ts';
import type { EnvArgument, EvaluationSummary } from './policy-snapshot.ts';

/** Formats that are read. Only the last is written. */
export type FormatVersion = 1 | 2;
export const formatVersion = 2;

/** What a policy file says about itself. */
export interface PolicyMetadata {
  readonly formatVersion: FormatVersion;
  readonly envId: string;
  /** Keyword arguments that the environment was made with, if any; the others had their defaults. */
  readonly envArguments?: Readonly<Record<string, EnvArgument>>;
  /** Steps until an episode was truncated, 0 for no limit; absent: the environment's own limit, whatever that was. */
  readonly maxEpisodeSteps?: number;
  /** The environment could not say what it was made with: arguments and limit are what the options asked for. */
  readonly envUnconfirmed?: true;
  readonly observation: ObservationDescription;
  readonly action: BoxBounds;
  /** Environment steps seen in training. */
  readonly envSteps: number;
  readonly evaluation?: EvaluationSummary;
  /** sha256 of the training options that no resume may change, hex. */
  readonly configHash: string;
  /** sha256 over the graph's constants, hex. */
  readonly weightsSha256: string;
  readonly golden: GoldenPairs;
  /** What the file's owner wrote into it, `user.*` without the prefix; outside the seal, so anybody may change it. */
  readonly user: Readonly<Record<string, string>>;
}

/** A flat Box space: float32, environment units. */
export interface BoxBounds {
  readonly shape: readonly number[];
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** What observations a policy takes. */
export interface ObservationDescription extends BoxBounds {
  /** What an observation was in training before it was flattened; absent: the file does not say. */
  readonly layout?: ObservationLayout;
}

/** What the policy answers to a few observations, so that a file can be verified by itself. */
export interface GoldenPairs {
  readonly count: number;
  /** Row-major [count, observation size]. */
  readonly observations: Float32Array;
  /** Row-major [count, action size]. */
  readonly actions: Float32Array;
}
