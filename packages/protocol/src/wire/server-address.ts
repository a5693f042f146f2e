/** Where a server is reached: the one place that reads addresses, for clients and servers. */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { GymwireError } from '../errors.ts';
import { shown } from '../names.ts';

/** Read from "127.0.0.1:50051", "[::1]:50051", "dns:///robot:50051", "unix:/run/gym.sock". */
export type ServerAddress =
  | {
      readonly kind: 'tcp';
      /** What gRPC takes. */
      readonly text: string;
      readonly host: string;
      readonly port: number;
    }
  | {
      readonly kind: 'unix';
      /** What gRPC takes, whatever folder it runs in: "unix:" and the path. */
      readonly text: string;
      /** Absolute. */
      readonly path: string;
    };

const tcpPattern =
  /^(?:dns:\/\/\/|ipv4:|ipv6:)?(?:\[(?<bracketed>[^\]\s]+)\]|(?<name>[^\s/[\]:]+)):(?<port>\d{1,5})$/;

/**
 * Returns what an address means.
 * @param given "host:port" (a port left away would mean 443), or "unix:" and a path, which may be relative
 * @param encrypts with TLS, which a Unix socket has not
 * @throws GymwireError INVALID_ARGUMENT; UNSUPPORTED for sockets that this system or gRPC for Node does not have
 */
export function parseServerAddress(given: unknown, encrypts: boolean): ServerAddress {
  if (typeof given === 'string' && isUnixAddress(given)) {
    const path = unixPathOf(given);
    if (encrypts) throw withoutTls('server address', given);
    return { kind: 'unix', text: `unix:${path}`, path };
  }
  const { bracketed, name, port } = (typeof given === 'string' && tcpPattern.exec(given)?.groups) || {};
  const host = bracketed ?? name;
  if (typeof given === 'string' && host !== undefined && Number(port) <= 65_535) {
    return { kind: 'tcp', text: given, host, port: Number(port) };
  }
  const remedy = typeof given === 'object' ? '; options come second: connect(address, { token })' : '';
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `server address: expected host:port such as 127.0.0.1:50051, or unix:/path/of/a.sock, got ${shown(given)}${remedy}`,
  );
}

/** Returns whether it is meant as a socket of this machine that is no port. */
export function isUnixAddress(text: string): boolean {
  return /^unix(-abstract)?:/.test(text);
}

/** Bytes that fit beside the final zero into the system's `sockaddr_un`. */
export const longestUnixPath = process.platform === 'linux' ? 107 : 103;

/**
 * The path of `unix:path`, `unix:/path` or `unix:///path`, absolute.
 * @throws GymwireError INVALID_ARGUMENT, UNSUPPORTED
 */
export function unixPathOf(text: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') throw unsupported(text, 'Node has no Unix sockets on Windows: give host:port');
  if (text.startsWith('unix-abstract:')) {
    throw unsupported(
      text,
      'gRPC for Node knows none of these: give the path of a file, unix:/path/of/a.sock',
    );
  }
  const given = text.slice('unix:'.length);
  const path = given.startsWith('//') ? given.slice(2) : given;
  const isHost = path !== given && !path.startsWith('/');
  if (path === '' || isHost || path.endsWith('/') || path.includes('\0')) {
    const example = 'unix:/run/gym.sock, unix:///run/gym.sock or unix:gym.sock';
    throw new GymwireError(
      'INVALID_ARGUMENT',
      `expected the path of a socket such as ${example}, got ${shown(text)}`,
    );
  }
  const whole = resolve(path);
  const bytes = Buffer.byteLength(whole);
  if (bytes <= longestUnixPath) return whole;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `the path of a Unix socket may have ${longestUnixPath} bytes, ${whole} has ${bytes}: give a shorter one`,
  );
}

/** Unix sockets never leave the machine, and grpc-js would look for a certificate of `localhost`. */
export function withoutTls(what: string, text: string): GymwireError {
  return new GymwireError(
    'INVALID_ARGUMENT',
    `${what}: ${text} is a socket of this machine, where there is no TLS: leave the TLS options away; ` +
      'the permissions of the file say who may connect, and a token works as well',
  );
}

function unsupported(text: string, why: string): GymwireError {
  return new GymwireError('UNSUPPORTED', `${text}: ${why}`);
}

/** Returns whether a gRPC address (`host:port`, `[::1]:50051`, `dns:///host:port`, `unix:/run/robot`) stays on this machine. */
export function isLoopbackAddress(address: string): boolean {
  if (isUnixAddress(address)) return true;
  const host = hostOf(address.replace(/^(dns|ipv4|ipv6):(?:\/\/[^/]*\/)?/, '')).toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const ipv4 = host.startsWith('::ffff:') ? host.slice('::ffff:'.length) : host;
  return host === '::1' || (isIP(ipv4) === 4 && ipv4.startsWith('127.'));
}

function hostOf(address: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  return isIP(address) === 6 ? address : address.replace(/:\d+$/, '');
}
