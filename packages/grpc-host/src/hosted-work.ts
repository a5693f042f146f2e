/** What goes on beyond single calls, and has to come to an end with its server: sessions, streams. */
import type { GymwireError } from '@gymwire/protocol';

export interface HostedWork {
  /** Takes nothing new on. */
  refuse(): void;
  /** Resolves when nothing is open any more. */
  whenEmpty(): Promise<void>;
  /** Ends each stream, after its request that is under way was answered. */
  endStreams(error: GymwireError): void;
  /** Closes whatever is still open. @param patienceMs that each has */
  closeAll(patienceMs: number): Promise<void>;
  /** Tells how much there is, for the log. */
  fields(): Readonly<Record<string, number>>;
  /** The log's words where `closeAll` did not come to an end. */
  readonly abandoned: string;
}

/** The work of services whose calls stand for themselves. */
export const noWork: HostedWork = {
  refuse: () => undefined,
  whenEmpty: () => Promise.resolve(),
  endStreams: () => undefined,
  closeAll: () => Promise.resolve(),
  fields: () => ({}),
  abandoned: '',
};
