/**
 * Why no handshake came about. To gRPC a wrong certificate, a server without TLS and a host that is off are all the same
 * "unavailable"; one TLS connection of our own tells them apart.
 */
import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { parseServerAddress } from '@gymwire/protocol/wire';
import type { ClientTls } from './client-credentials.ts';

/**
 * @returns what is wrong with the TLS between both sides, for people; undefined where TLS is not what is wrong
 */
export async function diagnoseTls(
  address: string,
  tls: ClientTls | undefined,
  timeoutMs: number,
): Promise<string | undefined> {
  const target = parseServerAddress(address, tls !== undefined);
  if (target.kind !== 'tcp') return undefined;
  const { host, port } = target;
  const reached = await tryTcp(host, port, timeoutMs);
  if (reached === undefined) return undefined;
  const fault = await tryTls(reached, host, tls, timeoutMs);
  if (tls === undefined) {
    return fault === undefined || isAlert(fault) ? 'the server there wants TLS' : undefined;
  }
  return fault === undefined || fault.name === 'AbortError' ? undefined : explain(fault, tls);
}

/** What a server says of a client's certificate, or of none; OpenSSL's text names neither side. */
function explain(fault: NodeJS.ErrnoException, { certificate }: ClientTls): string {
  if (!isAlert(fault) || !/CERT|UNKNOWN_CA|HANDSHAKE_FAILURE/.test(fault.code ?? '')) return fault.message;
  return certificate === undefined
    ? 'the server asks for a certificate of this client: give tls.certificate and tls.privateKey (--tls-cert, --tls-key)'
    : "the server does not accept this client's certificate: it must be signed by one of the server's client authorities";
}

/** The other side's TLS speaking. */
function isAlert(fault: NodeJS.ErrnoException): boolean {
  return fault.code?.startsWith('ERR_SSL_') === true && fault.code.includes('ALERT');
}

async function tryTcp(host: string, port: number, timeoutMs: number): Promise<Socket | undefined> {
  const socket = connectTcp({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
    return socket;
  } catch {
    socket.destroy();
    return undefined;
  }
}

/** @returns the fault; undefined when TLS stands and the server, having seen our certificate or none, goes on talking */
async function tryTls(
  socket: Socket,
  host: string,
  tls: ClientTls | undefined,
  timeoutMs: number,
): Promise<Error | undefined> {
  const name = tls?.serverName ?? host;
  const secure = connectTls({
    socket,
    host: name,
    ...(isIP(name) === 0 && { servername: name }),
    ALPNProtocols: ['h2'],
    // Only to learn whether TLS is spoken there: nothing is sent.
    rejectUnauthorized: tls !== undefined,
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(tls?.certificate !== undefined && { cert: tls.certificate }),
    ...(tls?.privateKey !== undefined && { key: tls.privateKey }),
  });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    // With TLS 1.3 a server refuses a client's certificate after the handshake; HTTP/2 has it speak first.
    const isOver = await Promise.race([
      once(secure, 'data', { signal }).then(() => false),
      once(secure, 'close', { signal }).then(() => true),
    ]);
    if (!isOver) return undefined;
    const missing = tls?.certificate === undefined ? 'it may want a certificate' : 'it may not trust ours';
    return new Error(`the server closed the connection during the TLS handshake; ${missing}`);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    secure.destroy();
  }
}
