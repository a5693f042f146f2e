/** Public options in, resolved options out: where a server listens, to whom, and how much it takes. */
import { isIP } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { GymwireError, shown } from '@gymwire/protocol';
import { isUnixAddress, unixPathOf, withoutTls } from '@gymwire/protocol/wire';
import { maxSurplus } from './net/connections.ts';
import { maxOpenFiles } from './net/max-open-files.ts';
import { checkToken } from './security/bearer-token.ts';
import { createTlsOptions, type ServerTls } from './security/server-tls.ts';

export interface GrpcHostOptions {
  /**
   * Address to listen on; default 127.0.0.1. Anything but loopback needs `tls`, `token` or `insecure`. "unix:/run/gym.sock" is a
   * socket of this machine (not on Windows): a file that only its owner can connect to, without a port and TLS.
   */
  readonly host?: string;
  /** Default 50051; 0 picks a free port. */
  readonly port?: number;
  /**
   * What every call must carry as `authorization: Bearer …`: at least 16 characters of RFC 6750's alphabet. White
   * space around it is cut off, as at the end of a file. Default: none.
   */
  readonly token?: string;
  /** Encrypts; default: no encryption. */
  readonly tls?: ServerTls;
  /** Serve other machines without encryption or authentication. Default false. */
  readonly insecure?: boolean;
  /** Largest message in either direction; default 64 MiB. */
  readonly maxMessageBytes?: number;
  /**
   * How long `drain` leaves to what is open (sessions), and how long a shutdown waits for calls that are under way;
   * default 5 s.
   */
  readonly drainTimeoutMs?: number;
  /**
   * Connections at a time; default: 1000, or four a session, as far as the process may open files. Above it, one
   * that makes no calls ends for a new one, or the new one is refused.
   */
  readonly maxConnections?: number;
}

export interface ResolvedHostOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly tls: TlsOptions | undefined;
  /** What an operator should know of the choice that was made. */
  readonly warnings: readonly string[];
  readonly maxMessageBytes: number;
  readonly drainTimeoutMs: number;
  readonly maxConnections: number;
}

const defaultMaxMessageBytes = 64 * 2 ** 20;

function isLoopback(host: string): boolean {
  if (isUnixAddress(host)) return true;
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Addresses of IPv6 may stand in brackets, as before a port; the path of a Unix socket becomes absolute.
 * @throws GymwireError INVALID_ARGUMENT; UNSUPPORTED for sockets that are not to be had
 */
function hostOf({ host = '127.0.0.1', port, tls }: GrpcHostOptions): string {
  if (isUnixAddress(host)) {
    const address = `unix:${unixPathOf(host)}`;
    if (tls !== undefined) throw withoutTls('host', address);
    if (port === undefined || port === 0) return address;
    throw new GymwireError('INVALID_ARGUMENT', `port: ${address} has none: leave it away`);
  }
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  if (bracketed === undefined) return host;
  if (isIP(bracketed) === 6) return bracketed;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `host: expected a name, an address such as 127.0.0.1, ::1 or [::1], or unix:/path/of/a.sock, got ${host}`,
  );
}

/**
 * @param usualConnections at a time, where `maxConnections` does not say
 * @param otherFiles that what is hosted may have open beside them
 * @throws GymwireError INVALID_ARGUMENT, naming the option, what it takes and what came
 */
export function resolveHostOptions(
  options: GrpcHostOptions,
  usualConnections = 1000,
  otherFiles = 0,
): ResolvedHostOptions {
  const host = hostOf(options);
  const token = options.token === undefined ? undefined : checkToken('token', options.token);
  const connections = connectionCap(options.maxConnections, usualConnections, otherFiles);
  const maxMessageBytes = options.maxMessageBytes ?? defaultMaxMessageBytes;
  return {
    host,
    token,
    tls: createTlsOptions(options.tls),
    warnings: [...(isLoopback(host) ? [] : exposure(host, options)), ...connections.warnings],
    maxConnections: connections.max,
    port: integerOption('port', options.port ?? 50051, 0, 65535),
    maxMessageBytes: integerOption('maxMessageBytes', maxMessageBytes, 1024, 2 ** 31 - 1),
    drainTimeoutMs: integerOption('drainTimeoutMs', options.drainTimeoutMs ?? 5000, 0, 2 ** 31 - 1),
  };
}

/** @returns what is open to whom. @throws GymwireError INVALID_ARGUMENT when all is open to all */
function exposure(host: string, { token, tls, insecure }: GrpcHostOptions): string[] {
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

/** Files that any server opens beside its connections: itself, its log, threads, models. */
const ownFiles = 64;

/**
 * @param usual as far as the process may open files
 * @param otherFiles kept free, as far as half of all
 * @param openFiles of this process
 * @throws GymwireError INVALID_ARGUMENT
 */
export function connectionCap(
  wanted: number | undefined,
  usual: number,
  otherFiles: number,
  openFiles: number = maxOpenFiles(),
): { readonly max: number; readonly warnings: readonly string[] } {
  const kept = Math.min(otherFiles, openFiles / 2);
  const possible = Math.max(1, Math.floor((openFiles - ownFiles - maxSurplus - kept) * 0.9));
  const tooFew =
    kept === otherFiles
      ? []
      : [
          `what is served here may open ${otherFiles} files, and this process ${openFiles} in all: raise ulimit -n`,
        ];
  if (wanted === undefined) return { max: Math.min(usual, possible), warnings: tooFew };
  const max = integerOption('maxConnections', wanted, 1, 1e6);
  const tooMany = `maxConnections: ${max} may be more than this process can open (${openFiles} files): raise ulimit -n`;
  return { max, warnings: max > possible ? [...tooFew, tooMany] : tooFew };
}

/** @throws GymwireError INVALID_ARGUMENT */
export function integerOption(name: string, value: number, minimum: number, maximum: number): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `${name}: expected an integer from ${minimum} to ${maximum}, got ${shown(value)}`,
  );
}
