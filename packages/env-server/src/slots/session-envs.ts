/** The environments of one session: in this thread (LocalEnvs), or hosted by threads or a process (HostedEnvs). */

import type { EnvRegistration, MaybePromise, ResolvedArguments } from '@gymwire/env';
import type {
  AutoresetMode,
  Frame,
  GymwireError,
  Info,
  Seed,
  Space,
  Value,
  ValueDict,
} from '@gymwire/protocol';
import type { Accessed } from './access-member.ts';
import type { Phase } from './phase.ts';
import type { SlotStep } from './slot-step.ts';

/** What a session's environments are made from. */
export interface EnvsPlan {
  readonly registration: EnvRegistration;
  /** The arguments as the client gave them. */
  readonly given: ValueDict;
  readonly args: ResolvedArguments;
  readonly copies: number;
  /** Index in the session of the first copy, where a host has a share of them. */
  readonly first?: number;
  /** Whose errors name the environment. */
  readonly isVector: boolean;
  readonly maxEpisodeSteps: number | undefined;
  readonly autoresetMode: AutoresetMode;
  /** What has no place on the wire fails the call, instead of being left out of its info. */
  readonly strictInfo: boolean;
  /** What a message of this server may have: replies are held to it where the environments are. */
  readonly maxMessageBytes: number;
}

/** Makes a session's environments. When the signal comes they are wanted no more, whatever is under way. */
export type CreateEnvs = (plan: EnvsPlan, signal: AbortSignal) => Promise<SessionEnvs>;

/** Why a session's environments take no further call. */
export interface Death {
  readonly cause: GymwireError;
  /** True where a call was under way, which has failed with the cause. */
  readonly wasTold: boolean;
}

/** A method that is called, or an attribute that is read. */
export interface EnvAccess {
  /** Ascending. */
  readonly envIndices: readonly number[];
  readonly name: string;
  /** Undefined: an attribute is read. */
  readonly arguments: readonly Value[] | undefined;
}

export interface EnvReset {
  readonly seed: Seed | undefined;
  readonly options: Info | undefined;
}

/**
 * All of them get a call before the first is waited for. When some fail, the others are carried out all the same,
 * and the fault of the lowest index is thrown when all are through. Calls never overlap: the session sees to it.
 */
export interface SessionEnvs {
  readonly count: number;
  /** The spaces of each environment. */
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  phase(index: number): Phase;
  /** What the last reset or step returned, null before; valid until the next call. */
  observation(index: number): Value;
  /** All of them, stacked in memory of its own, where that takes less than to stack them; undefined elsewhere. */
  batch(): Value | undefined;
  /** @param requests one an environment; those without are left alone */
  reset(requests: ReadonlyArray<EnvReset | undefined>): MaybePromise<ReadonlyArray<Info | undefined>>;
  /**
   * @param nextSeeds one an environment, for the reset that this step may bring
   * @returns observations are valid until the next call
   */
  step(actions: readonly Value[], nextSeeds?: BigUint64Array): MaybePromise<readonly SlotStep[]>;
  render(index: number): MaybePromise<Frame>;
  /** @returns in order; faults of single environments are among them */
  access(access: EnvAccess): MaybePromise<readonly Accessed[]>;
  /** The client's stream has ended. It may overlap another call. */
  detach(): void;
  close(): Promise<void>;
  /** Resolves when no further call is possible: a thread or process has died, a call has missed its limit. */
  readonly death: Promise<Death>;
  /**
   * Instead of `close`, also while a call is under way: threads and processes are ended at once; simulators in this
   * thread are detached, and closed when the call is over or `patienceMs` have passed.
   * @returns resolves when nothing is left to wait for. @throws what a simulator throws when it is closed
   */
  abandon(patienceMs: number): Promise<void>;
}
