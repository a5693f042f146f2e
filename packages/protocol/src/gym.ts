/** The Gym vocabulary in TypeScript: what reset and step return, for one environment and for many. */
import type { Info, Value } from './value.ts';

/** When a vector session resets an environment whose episode ended (Gymnasium's AutoresetMode). */
export type AutoresetMode = 'disabled' | 'next-step' | 'same-step';

/** What happens to a finite action outside the action space: Gymnasium's `pass`, or `reject` for robots. */
export type OutOfBoundsRule = 'pass' | 'reject';

/** A seed as NumPy's SeedSequence takes it: a non-negative integer; above 2^53 as a bigint, below 2^64. */
export type Seed = number | bigint;

export interface ResetResult {
  readonly observation: Value;
  readonly info: Info;
}

export interface StepResult {
  readonly observation: Value;
  readonly reward: number;
  /** The task ended: the value of what follows is zero. */
  readonly terminated: boolean;
  /** The episode was cut off: what follows has a value. */
  readonly truncated: boolean;
  readonly info: Info;
}

/** How a vector session's environments are reset. */
export interface VectorResetOptions {
  /** Environment i gets `seed + i`. */
  readonly seed?: Seed;
  /** One an environment; `null` continues that environment's random stream. Excludes `seed`. */
  readonly seeds?: ReadonlyArray<Seed | null>;
  /** Passed to the simulator. */
  readonly options?: Info;
  /** Which environments to reset; absent: all. */
  readonly mask?: readonly boolean[];
}

/** What a vector step takes beside the actions. */
export interface VectorStepOptions {
  /**
   * One an environment: the seed of the reset that this step may bring (`same-step`: where it ends an episode;
   * `next-step`: where it follows an end). That of an environment that this step does not reset is ignored. Absent: random
   * streams continue.
   */
  readonly nextSeeds?: readonly Seed[];
}

/** Arrays have a leading dimension numEnvs. */
export interface VectorResetResult {
  readonly observation: Value;
  /** By environment index; environments with an empty info are absent. */
  readonly infos: ReadonlyMap<number, Info>;
}

export interface VectorStepResult {
  readonly observation: Value;
  /** [numEnvs] */
  readonly rewards: Float64Array;
  /** [numEnvs] */
  readonly terminated: readonly boolean[];
  /** [numEnvs] */
  readonly truncated: readonly boolean[];
  readonly infos: ReadonlyMap<number, Info>;
  /** `same-step` only, and only when an episode ended: the last observations and infos of those episodes. */
  readonly final?: FinalStep;
}

export interface FinalStep {
  /** The environments whose episode ended in this step, ascending. */
  readonly envIndices: readonly number[];
  /** One row for each of `envIndices`. */
  readonly observation: Value;
  readonly infos: ReadonlyMap<number, Info>;
}

/** An rgb picture: uint8 [height, width, 3]. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
