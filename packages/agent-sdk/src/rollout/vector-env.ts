import {
  type AutoresetMode,
  type BatchSpec,
  GymwireError,
  type Space,
  type ValueDict,
  type VectorResetOptions,
  type VectorResetResult,
  type VectorStepOptions,
  type VectorStepResult,
} from '@gymwire/protocol';

/** What an environment was made with, as whoever made it tells. */
export interface MadeEnv {
  /** The keyword arguments that were given, with the values that they have in it; those left out have their defaults. */
  readonly arguments: ValueDict;
  /** Steps until an episode is truncated; 0: no limit. */
  readonly maxEpisodeSteps: number;
}

/** A step of environments that live in several places. What lives in one place knows neither of these. */
export interface VectorStep extends VectorStepResult {
  /**
   * Environments whose episodes are gone, ascending: nothing is known of their step, their rows mean nothing, and they must be
   * reset, all of them in one mask, before the next step.
   */
  readonly lost?: readonly number[];
  /**
   * Environments that have not answered yet, ascending: their rows mean nothing, and their next actions are not taken. A later step
   * tells what this one's actions led to.
   */
  readonly absent?: readonly number[];
}

/** A reset of environments that live in several places. */
export interface VectorReset extends VectorResetResult {
  /** Environments whose episodes are gone, as of a step; some beside those of the mask may be among them. */
  readonly lost?: readonly number[];
}

/** Where environments are that live in several places. */
export interface FleetPlaces {
  /** `strict`: where they are changes nothing; `elastic`: a step goes on without a slow host, and no run is reproducible. */
  readonly mode: 'strict' | 'elastic';
  /** Their names, in the order of the environments. */
  readonly hosts: readonly string[];
}

/**
 * How episodes that begin by themselves, under `same-step` and `next-step`, get seeds: `with-step`, `step` takes
 * `nextSeeds`; `by-reset`, a reset of such an environment alone, with its seed, may follow and begins the episode anew.
 */
export type EpisodeSeeding = 'with-step' | 'by-reset';

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
  /**
   * Absent: only a reset takes seeds, so that under `same-step` and `next-step` later episodes go on with the environment's own
   * random stream; the run says so. Under `disabled` every episode begins with a reset of `mask` and `seeds` anyway.
   */
  readonly episodeSeeding?: EpisodeSeeding | undefined;
  /**
   * How it behaves where one simulator steps all of it; absent: it has true last observations in every mode, and takes seeds
   * and masks. What wraps an environment hands it on.
   */
  readonly batch?: BatchSpec | undefined;

  /** Milliseconds that making requests and reading replies took so far, on this side; absent: there is no wire. For timing only. */
  readonly wireMs?: number;

  /** Absent: in one place. */
  readonly places?: FleetPlaces | undefined;

  /** A reset of all environments also makes up for what `step` lost. */
  reset(options?: VectorResetOptions): Promise<VectorReset>;

  /**
   * Steps all environments once.
   * @param actions [numEnvs, actionSize] row-major, environment units
   * @param options given only where `episodeSeeding` is `with-step`
   * @throws GymwireError EPISODE_LOST when the episodes are gone, with their server for instance: nothing is known of
   * this step, and all environments must be reset. It may come from a reset of some of them, too.
   */
  step(actions: Float32Array, options?: VectorStepOptions): Promise<VectorStep>;

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
