import { optionsFault, shown } from '@gymwire/protocol';
import { AgentError } from '../errors.ts';
import {
  type ConnectOptions,
  connectNames,
  type OnReconnect,
  type ReconnectEvent,
} from './connect-options.ts';
import { connect, type EnvConnection } from './connection.ts';
import { hearSignal, type OpenedConnection } from './heard-connection.ts';
import { untilAborted } from './until-aborted.ts';

/** A server's address, "host:port" or "unix:/run/gym.sock"; or the address together with what `connect` takes: a token, TLS, deadlines. */
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
      /** The server's address, "host:port" or "unix:/run/gym.sock", or the address with `connect`'s options. Connected to and closed again. */
      readonly server: ServerAddress;
      readonly connection?: undefined;
    };

/** What goes for connections that are opened here, where the address brings nothing of its own. */
export interface OpenDefaults {
  /** Once it comes, nobody waits for a connection or a session any more. */
  readonly signal: AbortSignal | undefined;
  readonly onReconnect?: OnReconnect | undefined;
}

/**
 * Connects where an address was given.
 * @throws GymwireError as `connect` does; the signal's reason
 */
export async function openConnection(
  where: ServerOrConnection,
  { signal, onReconnect }: OpenDefaults,
): Promise<OpenedConnection> {
  if (where.connection !== undefined) return opened(where.connection, signal, () => undefined);
  const { address, ...options } = addressed(where.server);
  const reconnectSignals = [signal, options.reconnectSignal].filter((each) => each !== undefined);
  const open = () =>
    connect(address, {
      ...(onReconnect !== undefined && { onReconnect }),
      ...options,
      ...(reconnectSignals.length > 0 && { reconnectSignal: AbortSignal.any(reconnectSignals) }),
    });
  const connection = await untilAborted(signal, open, (late) => late.close());
  return opened(connection, signal, () => connection.close());
}

function opened(
  connection: EnvConnection,
  signal: AbortSignal | undefined,
  close: () => void,
): OpenedConnection {
  if (signal !== undefined) return hearSignal(connection, signal, close);
  return { connection, close, follow: (work) => void work.catch(() => undefined) };
}

/** What `checkWhere` has seen. */
function addressed(server: ServerAddress): ConnectOptions & { readonly address: string } {
  return typeof server === 'string' ? { address: server } : server;
}

/**
 * Exactly one place to find environments, and of the right kind.
 * @param ways the names of them
 * @throws AgentError INVALID_OPTION
 */
export function checkWhere(request: object, ways: readonly string[]): void {
  requireOneOf(request, ways);
  const { server, connection } = request as { readonly server?: unknown; readonly connection?: unknown };
  const isConnection = (value: unknown) =>
    typeof value === 'object' && value !== null && 'makeVector' in value;
  if (connection !== undefined && !isConnection(connection)) {
    const remedy = typeof connection === 'string' ? '; give an address as server' : '';
    throw invalid(`connection: expected what connect returned, got ${shown(connection)}${remedy}`);
  }
  if (server === undefined || typeof server === 'string') return;
  if (isConnection(server)) throw invalid('server: expected an address; give a connection as connection');
  if (typeof server === 'object' && server !== null && 'shutdown' in server) {
    throw invalid('server: expected an address, got a server: give its address, server.address');
  }
  if (typeof server !== 'object' || server === null || !('address' in server)) {
    throw invalid(
      `server: expected an address such as '127.0.0.1:50051', alone or as { address, token }, got ${shown(server)}`,
    );
  }
  refuseOtherNames('server', server, serverNames, "{ address: '127.0.0.1:50051' }");
}

type KeyOf<Request> = Request extends unknown ? keyof Request : never;

/** Lists the names that a request may have; TypeScript sees to it that none is missing. */
export function namesOf<Request>(names: Readonly<Record<KeyOf<Request>, true>>): readonly string[] {
  return Object.keys(names);
}

/** In JavaScript a misspelt name would be none. @throws AgentError INVALID_OPTION */
export function refuseOtherNames(
  taker: string,
  given: unknown,
  known: readonly string[],
  example: string,
): void {
  const fault = optionsFault(taker, given, known, example);
  if (fault !== undefined) throw invalid(fault);
}

const serverNames = ['address', ...connectNames];

/** What is to be called: in JavaScript it may be anything. @throws AgentError INVALID_OPTION */
export function expectFunctions(given: object, names: readonly string[]): void {
  for (const name of names) {
    const value: unknown = Reflect.get(given, name);
    if (value === undefined || typeof value === 'function') continue;
    throw invalid(`${name}: expected a function, got ${shown(value)}`);
  }
}

/** By what it does: it may be of another realm. @throws AgentError INVALID_OPTION */
export function expectSignal({ signal }: { readonly signal?: unknown }): void {
  if (signal === undefined) return;
  if (typeof signal === 'object' && signal !== null && 'aborted' in signal) return;
  const isController = typeof signal === 'object' && signal !== null && 'signal' in signal;
  const remedy = isController ? ': give its signal, controller.signal' : '';
  throw invalid(`signal: expected an AbortSignal, got ${shown(signal)}${remedy}`);
}

/** Exactly one of several ways to say the same thing. @throws AgentError INVALID_OPTION */
function requireOneOf(given: object, names: readonly string[]): void {
  const present = names.filter((name) => (given as Readonly<Record<string, unknown>>)[name] !== undefined);
  if (present.length === 1) return;
  const got = present.length === 0 ? 'none of them' : present.join(' and ');
  throw invalid(`${names[0]}: expected one of ${names.join(', ')}; got ${got}`);
}

function invalid(message: string): AgentError {
  return new AgentError('INVALID_OPTION', message);
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
