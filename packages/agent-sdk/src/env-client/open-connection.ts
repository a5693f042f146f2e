import { AgentError } from '../errors.ts';
import type { ConnectOptions, OnReconnect, ReconnectEvent } from './connect-options.ts';
import { connect, type EnvConnection } from './connection.ts';

/** A server's address, "host:port"; or the address together with what `connect` takes: a token, TLS, deadlines. */
export type ServerAddress = string | (ConnectOptions & { readonly address: string });

/** Where environments are: at a server's address, or on a connection of one's own, which stays open. */
export type ServerOrConnection =
  | {
      /** A connection of one's own, from `connect`. It stays open. */
      readonly connection: EnvConnection;
      readonly server?: undefined;
    }
  // The last of several ways is the one that TypeScript names where none is given.
  | {
      /** The server's address, "host:port", or the address with `connect`'s options. Connected to and closed again. */
      readonly server: ServerAddress;
      readonly connection?: undefined;
    };

/** What goes for connections that are opened here, where the address brings nothing of its own. */
export interface OpenDefaults {
  /** Once it comes, nobody waits for a broken connection any more. */
  readonly signal: AbortSignal | undefined;
  readonly onReconnect?: OnReconnect | undefined;
}

export interface OpenedConnection {
  readonly connection: EnvConnection;
  /** Closes what was opened here; a connection of the caller's stays open. */
  close(): void;
}

/**
 * Connects where an address was given.
 * @throws GymwireError as `connect` does
 */
export async function openConnection(
  where: ServerOrConnection,
  { signal, onReconnect }: OpenDefaults,
): Promise<OpenedConnection> {
  if (where.connection !== undefined) return { connection: where.connection, close: () => undefined };
  const { address, ...options } = addressed(where.server);
  const reconnectSignals = [signal, options.reconnectSignal].filter((each) => each !== undefined);
  const connection = await connect(address, {
    ...(onReconnect !== undefined && { onReconnect }),
    ...options,
    ...(reconnectSignals.length > 0 && { reconnectSignal: AbortSignal.any(reconnectSignals) }),
  });
  return { connection, close: () => connection.close() };
}

/** @throws AgentError INVALID_OPTION for a connection, which has an address too, and for a misspelt option */
function addressed(server: ServerAddress): ConnectOptions & { readonly address: string } {
  if (typeof server === 'string') return { address: server };
  if ('makeVector' in server) {
    throw new AgentError('INVALID_OPTION', 'server: expected an address; give a connection as connection');
  }
  refuseOtherNames(server, serverNames, 'server.');
  return server;
}

type KeyOf<Request> = Request extends unknown ? keyof Request : never;

/** Lists the names that a request may have; TypeScript sees to it that none is missing. */
export function namesOf<Request>(names: Readonly<Record<KeyOf<Request>, true>>): readonly string[] {
  return Object.keys(names);
}

/** In JavaScript a misspelt name would be none. @throws AgentError INVALID_OPTION */
export function refuseOtherNames(given: object, known: readonly string[], of = ''): void {
  const other = Object.keys(given).find((name) => !known.includes(name));
  if (other === undefined) return;
  throw new AgentError('INVALID_OPTION', `${of}${other}: expected one of ${known.join(', ')}`);
}

const serverNames = namesOf<ConnectOptions & { readonly address: string }>({
  address: true,
  token: true,
  tls: true,
  connectTimeoutMs: true,
  callDeadlineMs: true,
  stepDeadlineMs: true,
  reconnectTimeoutMs: true,
  reconnectSignal: true,
  jitter: true,
  onReconnect: true,
  maxMessageBytes: true,
});

/** Exactly one of several ways to say the same thing. @throws AgentError INVALID_OPTION */
export function requireOneOf(given: object, names: readonly string[]): void {
  const present = names.filter((name) => (given as Readonly<Record<string, unknown>>)[name] !== undefined);
  if (present.length === 1) return;
  const got = present.length === 0 ? 'none of them' : present.join(' and ');
  throw new AgentError('INVALID_OPTION', `${names[0]}: expected one of ${names.join(', ')}; got ${got}`);
}

/** A reconnection's event in words, for people. */
export function describeReconnect(event: ReconnectEvent): string {
  switch (event.type) {
    case 'broken':
      return `${event.envId}: ${event.reason}; connecting again`;
    case 'attached':
      return `${event.envId}: connected again, nothing is lost`;
    case 'replaced':
      return `${event.envId}: connected again to a new session; the episodes under way are lost`;
  }
}
