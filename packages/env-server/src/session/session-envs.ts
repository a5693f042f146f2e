/** The environments of one session: in this thread (LocalEnvs) or spread over several (ThreadedEnvs). */
import type { AutoresetMode, Frame, Info, Seed, Space, Value, ValueDict } from '@gymwire/protocol';
import type { ResolvedArguments } from '../arguments.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import type { EnvRegistration } from '../registry.ts';
import type { SlotStep } from './env-slot.ts';
import type { Phase } from './phase.ts';

/** What a session's environments are made from. */
export interface EnvsPlan {
  readonly registration: EnvRegistration;
  /** As the client gave them. */
  readonly given: ValueDict;
  readonly args: ResolvedArguments;
  readonly copies: number;
  readonly maxEpisodeSteps: number | undefined;
  readonly autoresetMode: AutoresetMode;
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
  /** Of each. */
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  phase(index: number): Phase;
  /** What the last reset or step returned, null before; valid until the next call. */
  observation(index: number): Value;
  /** @param requests one an environment; those without are left alone */
  reset(requests: ReadonlyArray<EnvReset | undefined>): MaybePromise<ReadonlyArray<Info | undefined>>;
  /** @returns observations are valid until the next call */
  step(actions: readonly Value[]): MaybePromise<readonly SlotStep[]>;
  render(index: number): MaybePromise<Frame>;
  /** The client's stream has ended. The one call that may overlap another. */
  detach(): void;
  close(): Promise<void>;
}
