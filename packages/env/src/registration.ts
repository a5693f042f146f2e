/** One environment as whoever offers it describes it: what it is made from, and how it wants to be hosted. */
import type { ArgumentSpec } from '@gymwire/protocol';
import type { ResolvedArguments } from './arguments.ts';
import type { CallLimits } from './call-limits.ts';
import type { Env } from './env.ts';
import type { MaybePromise } from './maybe-promise.ts';

/** Where a session's environments are kept from the server and its other sessions. */
export const isolations = ['worker', 'process'] as const;
export type Isolation = (typeof isolations)[number];

/** Methods and attributes beyond Gymnasium's own: nothing else of an environment is called or read. */
export interface ListedMembers {
  /** What clients may call, for instance `compute_reward`; results and arguments are values of the protocol. */
  readonly methods?: readonly string[];
  /** What clients may read. */
  readonly attributes?: readonly string[];
}

/**
 * One environment that a server offers: its id and how it is made, and what clients are told of it. Limits of calls that it has
 * hold instead of the server's.
 */
export interface EnvRegistration extends Partial<CallLimits>, ListedMembers {
  /** With a version: "Pendulum-v1". Changed physics or rewards get a new version. */
  readonly id: string;
  /** Called once for each copy that a session asks for. */
  readonly make: (args: ResolvedArguments) => MaybePromise<Env>;
  /** The keyword arguments that clients may set; nothing else is accepted. */
  readonly arguments?: readonly ArgumentSpec[];
  /** Episodes are truncated after this many steps. */
  readonly maxEpisodeSteps?: number;
  /** The mean return from which the task counts as solved; told to clients, and nothing else. */
  readonly rewardThreshold?: number;
  /** The same seed and actions may give different episodes. Default false. */
  readonly nondeterministic?: boolean;
  /** What `Env.render` draws, usually ['rgb_array']. */
  readonly renderModes?: readonly string[];
  /** Pictures a second that `render`'s make a video at real speed. */
  readonly renderFps?: number;
  /** What it is, for people. */
  readonly description?: string;
  /**
   * Steps take 50 µs or more, so that the environments of a vector session are worth worker threads; they get them
   * when `module` is there. Between steps such a thread sleeps, its timers and sockets with it.
   */
  readonly heavy?: boolean;
  /**
   * What each session gets for itself: a worker thread, which contains endless loops, `process.exit` and exhausted
   * heaps, or a process, which contains crashes of native code and all else too. Needs `module`. Default: neither,
   * the environments run in the server's own thread, and what they do happens to the server.
   */
  readonly isolate?: Isolation;
  /**
   * Memory of an isolated session: what its worker's JavaScript, or its process in all, may hold. More ends the session.
   * Default: half of the machine's memory, 4096 at most.
   */
  readonly maxMemoryMb?: number;
  /** Where a worker thread or a process finds this registration: functions such as `make` cannot be sent to it. */
  readonly module?: RegistrationModule;
}

/** Where a thread or a process of its own finds a registration. */
export interface RegistrationModule {
  /** The address of an ES module, as `import.meta.url` has it. Each host imports it anew: it must not start a server. */
  readonly url: string | URL;
  /** Its export that is the registration, or an array with it. */
  readonly exportName: string;
}
