import type { MessagePort } from 'node:worker_threads';
import type { PortableError, PortableValue } from '@gymwire/env/host';
import type { AutoresetMode, Frame, Seed, Space } from '@gymwire/protocol';
import type { InfoSchema } from './info-table.ts';

/** What a host, a thread or a process, is started with. */
export interface HostData {
  readonly envId: string;
  readonly module: { readonly url: string; readonly exportName: string };
  /** Arguments as the client gave them: a dictionary. */
  readonly given: PortableValue;
  /** Its environments: `copies` of them, from `first` on. */
  readonly first: number;
  readonly copies: number;
  readonly isVector: boolean;
  readonly maxEpisodeSteps: number | undefined;
  readonly autoresetMode: AutoresetMode;
  readonly strictInfo: boolean;
  readonly maxMessageBytes: number;
}

/** What a thread is started with. */
export interface ThreadData extends HostData {
  /** Its place among the session's threads. */
  readonly thread: number;
  /** See Control. */
  readonly control: SharedArrayBuffer;
  /** Where requests and replies are picked up, without events. */
  readonly port: MessagePort;
  /** Between two calls: its timers and sockets sleep with it, and a call wakes it sooner. */
  readonly sleeps: boolean;
  /** Memory of its JavaScript, arrays included; undefined: as much as the process has. */
  readonly maxMemoryMb: number | undefined;
}

/** To a thread that does not sleep: a call is in Control, or the client's stream has ended. */
export type Doorbell = 'call' | 'detach';

/** A call that comes with a message. Environments have their index in the session. */
export type HostRequest =
  /** Once, before all else: the session has `count` environments. Where no memory is shared, rows travel. */
  | { readonly kind: 'share'; readonly count: number; readonly memory?: SharedArrayBuffer }
  | { readonly kind: 'reset'; readonly resets: readonly RowReset[] }
  /**
   * Actions that no shared row can hold, and the seeds of resets, one for each environment of the session. A step whose
   * actions are in shared rows needs no message.
   */
  | {
      readonly kind: 'step';
      readonly actions: readonly PortableValue[];
      readonly nextSeeds: BigUint64Array | undefined;
    }
  | { readonly kind: 'render'; readonly index: number }
  /** A method is called; without arguments: an attribute is read. */
  | {
      readonly kind: 'access';
      readonly indices: readonly number[];
      readonly name: string;
      readonly arguments: readonly PortableValue[] | undefined;
    }
  | { readonly kind: 'close' };

export interface RowReset {
  readonly index: number;
  readonly seed: Seed | undefined;
  readonly options: PortableValue | undefined;
}

/** What of a call's outcome is not in the shared rows; a host that has nothing to add sends none. */
export interface HostReply {
  /** When the environments are made. */
  readonly made?: { readonly observationSpace: Space; readonly actionSpace: Space };
  readonly newSchemas?: readonly InfoSchema[];
  readonly messages?: readonly RowMessage[];
  readonly faults?: readonly RowFault[];
  readonly frame?: Frame;
  /** In the order of the request. */
  readonly accessed?: readonly PortableAccessed[];
}

/** What came, or what the environment failed with. */
export type PortableAccessed = { readonly value: PortableValue } | { readonly fault: PortableError };

/** A step of one environment: what does not fit its shared row. */
export interface RowMessage {
  readonly index: number;
  readonly observation?: PortableValue;
  readonly info?: PortableValue;
  readonly finalObservation?: PortableValue;
  readonly finalInfo?: PortableValue;
}

export interface RowFault {
  /** The host's first environment when the fault is not of one alone. */
  readonly index: number;
  readonly error: PortableError;
}
