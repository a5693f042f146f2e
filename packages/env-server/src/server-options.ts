/** Public options in, resolved options out; defaults and validation live here only. */
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import type { TlsOptions } from 'node:tls';
import type { CallLimits, EnvRegistration } from '@gymwire/env';
import { GymwireError } from '@gymwire/protocol';
import type { Logger } from 'pino';
import { maxSurplus } from './net/connections.ts';
import { maxOpenFiles } from './net/max-open-files.ts';
import { createEnvRegistry, type EnvRegistry } from './registry.ts';
import { checkToken } from './security/bearer-token.ts';
import { createTlsOptions, type ServerTls } from './security/server-tls.ts';
import type { SessionLimits } from './session/session-store.ts';
import { defaultCallLimits } from './slots/call-limits.ts';
import { defaultMaxMessageBytes } from './slots/reply-budget.ts';

/** The limits of calls hold for registrations that have none of their own. */
export interface EnvServerOptions extends Partial<CallLimits> {
  /** What is served; those of Gymnasium are `builtinEnvs` of @gymwire/simulators. */
  readonly envs: readonly EnvRegistration[];
  /** Address to listen on; default 127.0.0.1. Anything but loopback needs `tls`, `token` or `insecure`. */
  readonly host?: string;
  /** Default 50051; 0 picks a free port. */
  readonly port?: number;
  /**
   * What every call must carry as `authorization: Bearer …`: at least 16 characters of RFC 6750's alphabet. White
   * space around it is cut off, as at the end of a file. Default: none.
   */
  readonly token?: string;
  /**
   * Of whoever runs the server, for `OperatorService`, which lists sessions and ends them; another one than `token`,
   * with the same characters. Default: none, and the service is not offered.
   */
  readonly operatorToken?: string;
  /** Encrypts; default: no encryption. */
  readonly tls?: ServerTls;
  /** Serve other machines without encryption or authentication. Default false. */
  readonly insecure?: boolean;
  /** Default 64. */
  readonly maxSessions?: number;
  /** Environments in one session; default 1024. */
  readonly maxNumEnvs?: number;
  /** Environments in all sessions together; default 4096. */
  readonly maxTotalEnvs?: number;
  /**
   * Worker threads of one vector session whose environments are heavy (MuJoCo's, say); default: as many as there
   * are cores. 1: none, they run in the server's own thread.
   */
  readonly envThreads?: number;
  /** A session without a stream is closed after this long without a call; default 10 minutes. */
  readonly idleTimeoutMs?: number;
  /**
   * An entry of an info that has no place on the wire (a Date, a Map, a function) fails the step or reset, with its
   * path. Default false: it is left out, named in the info's `gymwire_left_out`, and told once in the log.
   */
  readonly strictInfo?: boolean;
  /** Largest message in either direction; default 64 MiB. */
  readonly maxMessageBytes?: number;
  /**
   * How long `drain` leaves to the sessions that are open, and how long a shutdown waits for calls that are under
   * way; default 5 s.
   */
  readonly drainTimeoutMs?: number;
  /**
   * Connections at a time; default: 1000, or four a session, as far as the process may open files. Above it, one
   * that makes no calls ends for a new one, or the new one is refused.
   */
  readonly maxConnections?: number;
  /** Where the server reports; default: warnings as JSON lines on stderr. */
  readonly logger?: Logger;
}

export interface ResolvedServerOptions extends SessionLimits {
  readonly registry: EnvRegistry;
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly operatorToken: string | undefined;
  readonly tls: TlsOptions | undefined;
  /** What an operator should know of the choice that was made. */
  readonly warnings: readonly string[];
  readonly maxMessageBytes: number;
  readonly drainTimeoutMs: number;
  readonly envThreads: number;
  readonly maxConnections: number;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Addresses of IPv6 may stand in brackets, as before a port. @throws GymwireError INVALID_ARGUMENT */
function hostOf(host: string): string {
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  if (bracketed !== undefined && isIP(bracketed) === 6) return bracketed;
  if (bracketed === undefined && !host.startsWith('unix:') && !host.startsWith('unix-abstract:')) return host;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `host: expected a name or an address such as 127.0.0.1, ::1 or [::1], got ${host}; this server listens on TCP only`,
  );
}

/** @throws GymwireError INVALID_ARGUMENT, naming the option, what it takes and what came */
export function resolveServerOptions(options: EnvServerOptions): ResolvedServerOptions {
  const host = hostOf(options.host ?? '127.0.0.1');
  const token = options.token === undefined ? undefined : checkToken('token', options.token);
  const maxSessions = integer('maxSessions', options.maxSessions ?? 64, 1, 1e6);
  const connections = connectionCap(options.maxConnections, maxSessions);
  return {
    registry: registryOf(options.envs),
    host,
    token,
    operatorToken: operatorTokenOf(options, token),
    tls: createTlsOptions(options.tls),
    warnings: [...(isLoopback(host) ? [] : exposure(host, options)), ...connections.warnings],
    maxConnections: connections.max,
    port: integer('port', options.port ?? 50051, 0, 65535),
    maxSessions,
    maxNumEnvs: integer('maxNumEnvs', options.maxNumEnvs ?? 1024, 1, 1e6),
    maxTotalEnvs: integer('maxTotalEnvs', options.maxTotalEnvs ?? 4096, 1, 1e6),
    envThreads: integer('envThreads', options.envThreads ?? availableParallelism(), 1, 1024),
    idleTimeoutMs: integer('idleTimeoutMs', options.idleTimeoutMs ?? 600_000, 1, 2 ** 31 - 1),
    ...callLimits(options),
    strictInfo: options.strictInfo ?? false,
    maxMessageBytes: integer(
      'maxMessageBytes',
      options.maxMessageBytes ?? defaultMaxMessageBytes,
      1024,
      2 ** 31 - 1,
    ),
    drainTimeoutMs: integer('drainTimeoutMs', options.drainTimeoutMs ?? 5000, 0, 2 ** 31 - 1),
  };
}

/** @throws GymwireError INVALID_ARGUMENT: nothing is served by default */
function registryOf(envs: readonly EnvRegistration[] | undefined): EnvRegistry {
  if (Array.isArray(envs) && envs.length > 0) return createEnvRegistry(envs);
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `envs: expected the registrations that are to be served, got ${envs === undefined ? 'nothing' : 'none'}; ` +
      'those of Gymnasium are builtinEnvs of @gymwire/simulators',
  );
}

/** Those that were given: what the others are is decided for each session. */
function callLimits(options: EnvServerOptions): Partial<CallLimits> {
  const names = Object.keys(defaultCallLimits) as ReadonlyArray<keyof CallLimits>;
  const given = names.flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [[name, integer(name, value, 1, 2 ** 31 - 1)] as const];
  });
  return Object.fromEntries(given);
}

/** @throws GymwireError INVALID_ARGUMENT */
function operatorTokenOf({ operatorToken }: EnvServerOptions, token: string | undefined): string | undefined {
  if (operatorToken === undefined) return undefined;
  const checked = checkToken('operatorToken', operatorToken);
  if (checked !== token) return checked;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    'operatorToken: expected another token than that of the clients',
  );
}

/** @returns what is open to whom. @throws GymwireError INVALID_ARGUMENT when all is open to all */
function exposure(host: string, { token, tls, insecure }: EnvServerOptions): string[] {
  const knowsClients = token !== undefined || tls?.clientCa !== undefined;
  if (tls !== undefined && knowsClients) return [];
  const open = `${host} is reachable from other machines`;
  if (tls !== undefined) return [`${open}, and whoever reaches it may use this server: set a token`];
  if (token !== undefined) {
    return [`${open}, and without TLS the token and all else can be read and changed on the way: set tls`];
  }
  if (insecure === true) return [`${open}, without encryption or authentication`];
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `host: ${open}, and this server was given neither a certificate nor a token; listen on 127.0.0.1, ` +
      'set tls and token, or say insecure if the network itself is trusted',
  );
}

/** Files that a server opens beside its connections: itself, its log, threads, models. */
const otherFiles = 64;

/** @throws GymwireError INVALID_ARGUMENT */
function connectionCap(
  wanted: number | undefined,
  maxSessions: number,
): { readonly max: number; readonly warnings: readonly string[] } {
  const openFiles = maxOpenFiles();
  const possible = Math.max(1, Math.floor((openFiles - otherFiles - maxSurplus) * 0.9));
  if (wanted === undefined) return { max: Math.min(Math.max(1000, 4 * maxSessions), possible), warnings: [] };
  const max = integer('maxConnections', wanted, 1, 1e6);
  const tooMany = `maxConnections: ${max} may be more than this process can open (${openFiles} files): raise ulimit -n`;
  return { max, warnings: max > possible ? [tooMany] : [] };
}

function integer(name: string, value: number, minimum: number, maximum: number): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `${name}: expected an integer from ${minimum} to ${maximum}, got ${value}`,
  );
}
