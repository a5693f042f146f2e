/**
 * The port: accepts connections within the cap, has TLS spoken where there is any, and hands them to gRPC. grpc-js's
 * own listener has no cap and no time limits.
 */

import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer, isIP, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { GymwireError } from '@gymwire/protocol';
import type { Logger } from 'pino';
import { type Connections, nameOf } from './connections.ts';

export interface ListenOptions {
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
  readonly port: number;
  /** Accepts no more. Connections that are open stay so. */
  close(): void;
}

/** @throws GymwireError SERVER_UNAVAILABLE when the address cannot be bound */
export async function listen(options: ListenOptions): Promise<Listener> {
  const accept = createAcceptor(options);
  const { host, log, connections } = options;
  const servers: Server[] = [];
  let { port } = options;
  try {
    for (const address of await addressesOf(host)) {
      const server = createServer({ noDelay: true }, accept);
      server.listen({ host: address, port });
      try {
        await once(server, 'listening');
      } catch (error) {
        if (servers.length > 0 && isMissing(error)) continue;
        throw error;
      }
      server.on('error', (err) => log.error({ err }, 'a connection could not be accepted'));
      servers.push(server);
      ({ port } = server.address() as AddressInfo);
    }
  } catch (cause) {
    for (const server of servers) server.close();
    connections.endAll();
    const where = host.includes(':') ? `[${host}]:${options.port}` : `${host}:${options.port}`;
    throw new GymwireError('SERVER_UNAVAILABLE', `cannot listen on ${where}: ${(cause as Error).message}`, {
      cause,
    });
  }
  return {
    port,
    close() {
      for (const server of servers) server.close();
    },
  };
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

function createAcceptor({ tls, connections, open, log }: ListenOptions): (socket: Socket) => void {
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
  return (socket) => {
    socket.on('error', (err) => log.debug({ err }, 'a connection broke'));
    connections.admit(socket, secure === undefined);
    if (secure === undefined) open(socket);
    else secure.emit('connection', socket);
  };
}
