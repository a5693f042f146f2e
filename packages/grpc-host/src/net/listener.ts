/**
 * The port, or a Unix socket: accepts connections within the cap, has TLS spoken where there is any, and hands them to gRPC. grpc-js's
 * own listener has no cap and no time limits.
 */

import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer, isIP, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { GymwireError } from '@gymwire/protocol';
import { isUnixAddress, unixPathOf } from '@gymwire/protocol/wire';
import type { Logger } from 'pino';
import { type Connections, nameOf } from './connections.ts';
import { listenOnPath, nameClient, type SocketFile } from './unix-socket.ts';

export interface ListenOptions {
  /** A host, or "unix:" and an absolute path. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly tls: TlsOptions | undefined;
  readonly connections: Connections;
  /**
   * A connection of which nothing has been read. (What had been, Node would hand to HTTP/2 in one piece and emit a
   * call after the error behind it; grpc-js answers such a call with an exception.)
   */
  readonly open: (socket: Socket) => void;
  readonly log: Logger;
}

export interface Listener {
  /** 0 for a Unix socket. */
  readonly port: number;
  /** What clients connect to. */
  readonly address: string;
  /** Accepts no more. Connections that are open stay so. */
  close(): void;
}

const taken =
  'another process listens there: end that one, or give another port (port: 0, --port 0 on the command line, picks a free one)';

/** @throws GymwireError SERVER_UNAVAILABLE when the address cannot be bound */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { host, log, connections } = options;
  const servers: Server[] = [];
  let file: SocketFile | undefined;
  const add = () => {
    const server = createServer({ noDelay: true }, createAcceptor(options));
    servers.push(server);
    return server;
  };
  const closeAll = () => {
    file?.remove();
    file = undefined;
    for (const server of servers) server.close();
  };
  try {
    const isUnix = isUnixAddress(host);
    if (isUnix) file = await listenOnPath(add(), unixPathOf(host));
    const port = isUnix ? 0 : await listenOnPort(add, options);
    for (const server of servers) {
      server.on('error', (err) => log.error({ err }, 'a connection could not be accepted'));
    }
    return { port, address: addressOf(host, port), close: closeAll };
  } catch (cause) {
    closeAll();
    connections.endAll();
    const where = addressOf(host, options.port);
    const isTaken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
    const why = isTaken ? taken : (cause as Error).message;
    throw new GymwireError('SERVER_UNAVAILABLE', `cannot listen on ${where}: ${why}`, { cause });
  }
}

function addressOf(host: string, port: number): string {
  if (isUnixAddress(host)) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** @returns the port */
async function listenOnPort(add: () => Server, options: ListenOptions): Promise<number> {
  let { port } = options;
  let isBound = false;
  for (const address of await addressesOf(options.host)) {
    const server = add();
    server.listen({ host: address, port });
    try {
      await once(server, 'listening');
    } catch (error) {
      if (isBound && isMissing(error)) continue;
      throw error;
    }
    isBound = true;
    ({ port } = server.address() as AddressInfo);
  }
  return port;
}

/** `localhost` may be two. */
async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const found = await lookup(host, { all: true });
  return [...new Set(found.map(({ address }) => address))];
}

/** A machine may know the name `localhost` for IPv6 and have none. */
function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}

function createAcceptor({ host, tls, connections, open, log }: ListenOptions): (socket: Socket) => void {
  const secure = tls === undefined ? undefined : createTlsServer({ ...tls, ALPNProtocols: ['h2'] });
  secure?.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', (err) => log.debug({ err }, 'a TLS connection broke'));
    const connection = connections.find(nameOf(socket));
    if (connection === undefined) return;
    connection.isOpen = true;
    open(socket);
  });
  secure?.on('tlsClientError', (err, socket) => {
    log.debug({ err }, 'a TLS handshake failed');
    socket.destroy();
  });
  const isUnix = isUnixAddress(host);
  return (socket) => {
    socket.on('error', (err) => log.debug({ err }, 'a connection broke'));
    if (isUnix) nameClient(socket);
    connections.admit(socket, secure === undefined);
    if (secure === undefined) open(socket);
    else secure.emit('connection', socket);
  };
}
