import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { parseServerAddress, type ServerAddress } from '@gymwire/protocol/wire';
import type { ClientTls } from './client-credentials.ts';

/**
 * Returns whether whoever listens there answers with something that is not HTTP/2, found out by a connection of our own: gRPC's
 * status is the same as when nobody is there. False also where nothing comes, or the connection is closed.
 */
export async function answersWithoutHttp2(
  address: string,
  tls: ClientTls | undefined,
  timeoutMs: number,
): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  const socket = open(parseServerAddress(address, tls !== undefined), tls);
  const session = connectHttp2('http://gymwire', { createConnection: () => socket });
  // Also what comes after the answer.
  session.on('error', () => undefined);
  try {
    const ended = once(session, 'close', { signal });
    await Promise.race([once(session, 'remoteSettings', { signal }), ended]);
    return false;
  } catch (error) {
    // What Node says when the bytes are no frames of HTTP/2; sockets have codes of their own.
    return error instanceof Error && 'code' in error && error.code === 'ERR_HTTP2_ERROR';
  } finally {
    session.destroy();
    socket.destroy();
  }
}

function open(target: ServerAddress, tls: ClientTls | undefined): Socket {
  if (target.kind === 'unix') return connectTcp({ path: target.path });
  const { host, port } = target;
  if (tls === undefined) return connectTcp({ host, port });
  const name = tls.serverName ?? host;
  return connectTls({
    host,
    port,
    ...(isIP(name) === 0 && { servername: name }),
    ALPNProtocols: ['h2'],
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.certificate !== undefined && { cert: tls.certificate }),
    ...(tls.privateKey !== undefined && { key: tls.privateKey }),
  });
}
