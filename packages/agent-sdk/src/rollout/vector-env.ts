import {
  type AutoresetMode,
  GymwireError,
  type Space,
  type ValueDict,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepResult,
} from '@gymwire/protocol';

/** What an environment was made with, as whoever made it tells. */
export interface MadeEnv {
  /** The keyword arguments that were given, with the values that they have in it; those left out have their defaults. */
  readonly arguments: ValueDict;
  /** Steps until an episode is truncated; 0: no limit. */
  readonly maxEpisodeSteps: number;
}

/**
 * What training sees of an environment, wherever it runs: `numEnvs` copies that are stepped together.
 * `EnvClient` implements it over gRPC; a session of env-server implements it in process.
 */
export interface VectorEnv {
  readonly envId: string;
  readonly numEnvs: number;
  readonly autoresetMode: AutoresetMode;
  /** The spaces of one environment; batches have a leading dimension numEnvs. */
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly maxEpisodeSteps: number | undefined;
  /**
   * What it was made with; absent where nobody can say: then training takes its options at their word, and a policy's
   * file says that it did. What wraps an environment hands it on.
   */
  readonly made?: MadeEnv | undefined;

  /** A reset of all environments also makes up for what `step` lost. */
  reset(options?: VectorResetOptions): Promise<VectorResetResult>;

  /**
   * Steps all environments once.
   * @param actions [numEnvs, actionSize] row-major, environment units
   * @throws GymwireError EPISODE_LOST when the episodes are gone, with their server for instance: nothing is known of
   * this step, and all environments must be reset. It may come from a reset of some of them, too.
   */
  step(actions: Float32Array): Promise<VectorStepResult>;

  close(): Promise<void>;
}

/** Returns true where a call was given up on this side: nobody waits any more for a connection that is broken. */
export function isCancelled(thrown: unknown): boolean {
  return thrown instanceof GymwireError && thrown.code === 'CANCELLED';
}

/** Returns true where the episodes under way are gone, and new ones can begin. */
export function isEpisodeLoss(thrown: unknown): boolean {
  return thrown instanceof GymwireError && thrown.code === 'EPISODE_LOST';
}
