/** Public options of `connect` in, resolved options out; defaults and validation live here only. */
import { randomInt } from 'node:crypto';
import { GymwireError, optionsFault, shown } from '@gymwire/protocol';
import { type ClientTls, tlsNames } from './client-credentials.ts';

/** What `connect` takes beside the address: what a server asks for, and how long to wait. All have defaults. */
export interface ConnectOptions {
  /** The server's token, if it asks for one. To another machine it goes over TLS only, unless `insecure` says otherwise. */
  readonly token?: string;
  /** Encrypts and checks the server's certificate; `{}`: against the authorities that Node trusts. Default: off. */
  readonly tls?: ClientTls;
  /** The network itself is trusted: a token may leave this machine without TLS. Default false. */
  readonly insecure?: boolean;
  /** Time for the handshake, and for every attempt to attach to a session again; default 5 s. */
  readonly connectTimeoutMs?: number;
  /** Time for every other call but a step: making, resetting, drawing, closing; default 60 s. */
  readonly callDeadlineMs?: number;
  /** How long the answer to a step may take; default: `callDeadlineMs`. How long the client thinks is its own affair. */
  readonly stepDeadlineMs?: number;
  /**
   * How long a call outlives a broken connection: the client connects again, attaches, and repeats the request under
   * its number. Default 60 s; 0: a connection that breaks is an error.
   */
  readonly reconnectTimeoutMs?: number;
  /** Once it comes, nobody waits for a connection that is broken any more: calls fail with CANCELLED at once. */
  readonly reconnectSignal?: AbortSignal;
  /** Spreads reconnecting clients, in [0, 1); results never depend on it. Default: from node:crypto. */
  readonly jitter?: () => number;
  /** Told when a session's connection breaks, and how that ends. */
  readonly onReconnect?: OnReconnect;
  /** Largest message in either direction; default 64 MiB. */
  readonly maxMessageBytes?: number;
}

/**
 * What `onReconnect` is told when the connection of an environment's session breaks, and how that ends. `broken`: trying to connect again; `attached`: the session goes on as if nothing had been; `replaced`: the session
 * was gone, a new one took its place, its episodes are lost. What does not end so ends in the error of a call.
 */
export type ReconnectEvent =
  | { readonly type: 'broken'; readonly envId: string; readonly reason: string }
  | { readonly type: 'attached' | 'replaced'; readonly envId: string };

/** What it throws or rejects with ends the session that it was told of: its calls fail with INTERNAL. */
export type OnReconnect = (event: ReconnectEvent) => unknown;

export interface ResolvedConnectOptions {
  readonly token: string | undefined;
  readonly tls: ClientTls | undefined;
  readonly insecure: boolean;
  readonly connectTimeoutMs: number;
  readonly callDeadlineMs: number;
  readonly stepDeadlineMs: number;
  readonly reconnectTimeoutMs: number;
  readonly reconnectSignal: AbortSignal | undefined;
  readonly jitter: () => number;
  readonly onReconnect: OnReconnect;
  readonly maxMessageBytes: number;
}

/** The names of all options. */
export const connectNames = Object.keys({
  token: true,
  tls: true,
  insecure: true,
  connectTimeoutMs: true,
  callDeadlineMs: true,
  stepDeadlineMs: true,
  reconnectTimeoutMs: true,
  reconnectSignal: true,
  jitter: true,
  onReconnect: true,
  maxMessageBytes: true,
} satisfies Record<keyof ConnectOptions, true>);

/** Node's timers hold no more. */
const longestMs = 2 ** 31 - 1;

/** @throws GymwireError INVALID_ARGUMENT, naming the option, what it takes and what came */
export function resolveConnectOptions(options: ConnectOptions): ResolvedConnectOptions {
  checkNames('connect', options, connectNames, '{ token }');
  if (options.tls !== undefined) checkNames('tls', options.tls, tlsNames, '{ ca }');
  const milliseconds = (
    name: 'connectTimeoutMs' | 'callDeadlineMs' | 'stepDeadlineMs' | 'reconnectTimeoutMs',
    fallback: number,
    minimum: number,
  ) => integer(name, options[name] ?? fallback, minimum, longestMs);
  const callDeadlineMs = milliseconds('callDeadlineMs', 60_000, 1);
  return {
    token: options.token,
    tls: options.tls,
    insecure: options.insecure ?? false,
    connectTimeoutMs: milliseconds('connectTimeoutMs', 5_000, 1),
    callDeadlineMs,
    stepDeadlineMs: milliseconds('stepDeadlineMs', callDeadlineMs, 1),
    reconnectTimeoutMs: milliseconds('reconnectTimeoutMs', 60_000, 0),
    reconnectSignal: options.reconnectSignal,
    jitter: options.jitter ?? (() => randomInt(2 ** 32) / 2 ** 32),
    onReconnect: options.onReconnect ?? (() => undefined),
    maxMessageBytes: integer('maxMessageBytes', options.maxMessageBytes ?? 64 * 2 ** 20, 1024, 2 ** 31 - 1),
  };
}

/** In JavaScript a misspelt name would be none. @throws GymwireError INVALID_ARGUMENT */
export function checkNames(taker: string, options: unknown, known: readonly string[], example: string): void {
  const fault = optionsFault(taker, options, known, example);
  if (fault !== undefined) throw new GymwireError('INVALID_ARGUMENT', fault);
}

function integer(name: string, value: number, minimum: number, maximum: number): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `${name}: expected an integer from ${minimum} to ${maximum}, got ${shown(value)}`,
  );
}
