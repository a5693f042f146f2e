/** The hosts of one session, its threads or its process, as the session's environments call them. */
import type { Death } from '../slots/session-envs.ts';
import type { HostReply, HostRequest } from './host-messages.ts';
import type { RowShape, SharedRows } from './shared-rows.ts';

/** A step whose actions are in the shared rows, and the seeds of its resets too, or what a message says. */
export type HostCall = 'step' | 'seeded-step' | HostRequest;

/** By host; undefined where the host had nothing to add or was not called. */
export type Replies = ReadonlyArray<HostReply | undefined>;

export interface HostGroup {
  readonly size: number;
  /**
   * The environments are made as soon as the group is.
   * @returns what the hosts say of them, or the faults of those that have none
   */
  made(): Promise<Replies>;
  /** Once, before any other call. @returns the rows that calls read and write */
  share(shape: RowShape): Promise<SharedRows>;
  /**
   * @param calls one a host; undefined: none. Some host must be called, and only when no call is under way
   * @throws the cause of death, when a host dies meanwhile or has died before
   */
  call(calls: ReadonlyArray<HostCall | undefined>): Promise<Replies>;
  /** Tells the environments that the client's stream has ended, also while a call is under way. */
  detach(): void;
  readonly death: Promise<Death>;
  /** After a `close` of all hosts: they end by themselves. */
  leave(): Promise<void>;
  /** Ends the hosts, also those that are still busy. A second end does nothing. */
  end(): Promise<void>;
}
