/** Where calls arrive: each opens in its connection's share of the loop, if it has not been given up by then. */
import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { Metadata, status } from '@grpc/grpc-js';
import { GymwireError } from '@gymwire/protocol';
import { toStatus } from '@gymwire/protocol/wire';
import type { Logger } from 'pino';
import { type Connections, nameOf } from '../net/connections.ts';
import type { NewCall } from '../net/http2-server.ts';
import { connectionKey, encodingKey } from './byte-stream.ts';
import type { LoopShares } from './loop-shares.ts';

const encodings: ReadonlySet<unknown> = new Set(['identity', 'gzip', 'deflate']);

/** The end of a call before its beginning. */
function refusal({ code, details, metadata }: ReturnType<typeof toStatus>): OutgoingHttpHeaders {
  return {
    ':status': 200,
    'content-type': 'application/grpc',
    'grpc-status': String(code),
    'grpc-message': encodeURI(details),
    ...metadata.toHttp2Headers(),
  };
}

const full = refusal(
  toStatus(new GymwireError('CAPACITY', 'this server has as many connections as it may have')),
);

const unknownEncoding = refusal({
  code: status.UNIMPLEMENTED,
  details: 'grpc-encoding: expected identity, gzip or deflate',
  metadata: Metadata.fromHttp2Headers({ 'grpc-accept-encoding': 'identity,gzip,deflate' }),
});

/** gRPC would find out at the first message, and then may forget to say so. */
function unpackable(encoding: unknown): OutgoingHttpHeaders | undefined {
  return encodings.has(encoding) ? undefined : unknownEncoding;
}

/**
 * @param capped the beginnings of paths that a full server refuses; on it, orchestrators still ask whether it is
 *   healthy, and its operator who fills it
 * @param callsAtOnce that a connection may have under way
 */
export function createReception(
  connections: Connections,
  shares: LoopShares,
  capped: readonly string[],
  callsAtOnce: number,
  log: Logger,
): (call: NewCall) => void {
  const isCapped = ({ ':path': path = '' }: IncomingHttpHeaders) =>
    capped.some((start) => path.startsWith(start));
  return (call) => {
    const { stream, headers } = call;
    const name = nameOf(stream.session?.socket ?? {});
    const connection = connections.find(name);
    if (connection === undefined) {
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    const { 'grpc-encoding': encoding = 'identity' } = headers;
    headers[encodingKey] = String(encoding);
    headers[connectionKey] = name;
    connection.opening += 1;
    // Most of them have been reset, or there would not be so many: whoever does that goes on.
    if (connection.opening > 2 * callsAtOnce) {
      connection.end();
      return;
    }
    void shares.take(connection, () => {
      connection.opening -= 1;
      if (stream.destroyed || stream.closed) return;
      const began = performance.now();
      try {
        const hindrance = connection.isSurplus && isCapped(headers) ? full : unpackable(encoding);
        if (hindrance === undefined) call.serve();
        else stream.respond(hindrance, { endStream: true });
      } catch (err) {
        // It has been reset this very moment.
        log.debug({ err }, 'a call that could not be opened');
        stream.destroy();
      }
      shares.charge(connection, performance.now() - began);
    });
  };
}
