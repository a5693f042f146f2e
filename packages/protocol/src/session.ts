/** What a client asks of a server before the first step, and what it is told. */
import type { AutoresetMode, OutOfBoundsRule } from './gym.ts';
import type { Space } from './space.ts';
import type { Value, ValueDict } from './value.ts';

export type ArgumentType = 'bool' | 'int' | 'float' | 'string' | 'float-list';

/** One keyword argument that an environment allows, with its range. Nothing else is accepted. */
export interface ArgumentSpec {
  readonly name: string;
  readonly type: ArgumentType;
  readonly defaultValue: Value;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Strings only: the values allowed. */
  readonly choices?: readonly string[];
  /** Float lists only. */
  readonly length?: number;
  readonly description?: string;
}

/** What is known of an environment before it is made. */
export interface EnvSpec {
  /** Its name with a version, which `make` takes: "Pendulum-v1". */
  readonly id: string;
  /** The keyword arguments that it may be made with. */
  readonly arguments: readonly ArgumentSpec[];
  /** Steps until an episode is truncated; absent: never. */
  readonly maxEpisodeSteps?: number;
  /** The mean return from which the task counts as solved. */
  readonly rewardThreshold?: number;
  /** The same seed and actions may give different episodes (a real robot). */
  readonly nondeterministic: boolean;
  /** What `renderMode` may be; empty: it draws nothing. */
  readonly renderModes: readonly string[];
  /** Pictures a second of a video at real speed. */
  readonly renderFps?: number;
  /** What it is, for people. */
  readonly description: string;
  /** What clients may call and read beyond Gymnasium's own; absent: nothing. */
  readonly methods?: readonly string[];
  readonly attributes?: readonly string[];
  /** What is said of a simulator that steps many environments at once; absent: the server steps them one by one, any number in any mode. */
  readonly batch?: BatchSpec;
}

/** What becomes of a batch simulator's seeds: each environment gets its own; it is made anew with them; it takes none. */
export type BatchSeeding = 'reset' | 'make' | 'none';

/** How a simulator behaves that is a batch. It has vector sessions only. */
export interface BatchSpec {
  /** The modes that it can be made with, its own first; of a session, the one that it has. Empty: told when one is made. */
  readonly autoresetModes: readonly AutoresetMode[];
  /** How many environments a session may have; equal: no other number. Absent: no limit of its own. */
  readonly minNumEnvs?: number;
  readonly maxNumEnvs?: number;
  /** `same-step`: a step that ends episodes brings its last observations; false: what those steps led to is unknown. */
  readonly finalObservations: boolean;
  /** Absent: told when one is made. */
  readonly seeding?: BatchSeeding;
  /** A reset may have a mask. */
  readonly masks: boolean;
}

/** What a session is made from. */
export interface SessionOptions {
  /** The environment's id. */
  readonly envId: string;
  /** Keyword arguments that the environment is made with, as its spec lists them: `{ g: 9.81 }`. Default: the spec's defaults. */
  readonly arguments?: ValueDict;
  /** Absent: a single environment, whose arrays have no leading dimension. */
  readonly numEnvs?: number;
  /** Vector sessions; default `next-step`, Gymnasium's own, or that of a batch simulator. */
  readonly autoresetMode?: AutoresetMode;
  /** What `render` draws, one of the spec's `renderModes`, such as `rgb_array`. Default: none, and `render` fails. */
  readonly renderMode?: string;
  /** Overrides the spec's; 0: no limit. */
  readonly maxEpisodeSteps?: number;
  /**
   * What happens to a finite action outside the action space: `pass`, it goes to the environment as it is; `reject`, the step
   * fails with ACTION_OUT_OF_BOUNDS. Default `pass`.
   */
  readonly outOfBoundsRule?: OutOfBoundsRule;
}

/** A session as it was made. */
export interface SessionDescription {
  /** Unguessable; whoever knows it may use the session. */
  readonly sessionId: string;
  /** The spaces of one environment. */
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** With the session's arguments as defaults and its own maxEpisodeSteps. */
  readonly spec: EnvSpec;
  /** Absent: a single environment. */
  readonly numEnvs?: number;
  readonly autoresetMode: AutoresetMode;
  readonly outOfBoundsRule: OutOfBoundsRule;
  readonly renderMode: string;
  /** Without an attached stream the session is closed after this long without a call. */
  readonly idleTimeoutMs: number;
}

/** What a server says of itself. */
export interface ServerDescription {
  readonly protocolVersion: { readonly major: number; readonly minor: number };
  readonly server: string;
  readonly capabilities: readonly string[];
  readonly maxMessageBytes: number;
  readonly maxNumEnvs: number;
  /** How many environments it is made for at a time, by which a fleet gives each host its share; absent: it does not say. */
  readonly capacity?: number;
  /** How many environments more could be made when it was asked; absent: it does not say. */
  readonly freeEnvs?: number;
}

/** A session as an operator sees it. */
export interface SessionSummary {
  /** Its name here, with which nobody can use it. */
  readonly handle: string;
  readonly envId: string;
  /** Absent: a single environment. */
  readonly numEnvs?: number;
  /** Who made it: address and port. */
  readonly peer: string;
  /** What its client says it is: text of a stranger's. */
  readonly client: string;
  /** Since it was made. */
  readonly ageMs: number;
  /** Since its last call; 0 while one is under way. */
  readonly idleMs: number;
  /** How long its present call takes; 0: there is none. */
  readonly busyMs: number;
  /** A stream holds it. */
  readonly isAttached: boolean;
  /** Resets, steps and renders so far. */
  readonly calls: number;
}
