import type { Frame, Info, ResetResult, Seed, Space, StepResult, Value } from '@gymwire/protocol';
import type { MaybePromise } from './maybe-promise.ts';
import type { RandomGenerator } from './seeding/random-generator.ts';

/** What an environment is given when an episode starts. */
export interface EnvResetOptions {
  /**
   * NumPy-compatible random numbers; the environment's only source of chance. Freshly seeded when the
   * client gave a seed, otherwise the stream of the episodes before goes on.
   */
  readonly random: RandomGenerator;
  /** The client's seed, for environments that must hand it on to a simulator of their own. */
  readonly seed?: Seed;
  readonly options?: Info;
}

/**
 * One simulator, or one robot. Steps come one at a time, only after a reset and never after an episode's end: the
 * server sees to it. What its registration lists as methods and attributes is called and read between steps, at any time:
 * before a reset and after an episode's end too. What a reset or step returns is read and copied before anything else is called, here or in
 * another environment: an environment may return the same arrays and info objects again and again, and write into them
 * whenever it likes. An exception from any method becomes ENV_FAILED with the exception's message.
 */
export interface Env {
  readonly observationSpace: Space;
  readonly actionSpace: Space;

  reset(options: EnvResetOptions): MaybePromise<ResetResult>;

  /** @param action a member of the action space's structure, shape and dtype; finite, possibly out of bounds */
  step(action: Value): MaybePromise<StepResult>;

  /** Only called when the session was made with a render mode. */
  render?(): MaybePromise<Frame>;

  /**
   * The stream that steps it has ended, perhaps in mid-episode and while a call is under way; the client may come
   * back with another one. For what moves by itself, such as a robot. It is not waited for; where it fails, the
   * server's log says so.
   */
  detach?(): MaybePromise<void>;

  close?(): MaybePromise<void>;
}
