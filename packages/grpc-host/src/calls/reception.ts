/** Where calls arrive: each opens in its connection's share of the loop, if it has not been given up by then. */
import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { Metadata, status } from '@grpc/grpc-js';
import { GymwireError } from '@gymwire/protocol';
import { toStatus } from '@gymwire/protocol/wire';
import type { Logger } from 'pino';
import { type Connections, nameOf } from '../net/connections.ts';
import type { NewCall } from '../net/http2-server.ts';
import type { Arrivals } from './arrivals.ts';
import { arrivalKey, connectionKey } from './byte-stream.ts';
import type { LoopShares } from './loop-shares.ts';
import { refusal } from './refusal.ts';

const encodings: ReadonlySet<unknown> = new Set(['identity', 'gzip', 'deflate']);

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

/** Limits of requests of all other services: a name, at most, and as many of them at once as nobody needs. */
const small = { maxBytes: 4096, maxAtOnce: 16 };

export interface ReceptionOptions {
  readonly connections: Connections;
  readonly shares: LoopShares;
  readonly arrivals: Arrivals;
  /**
   * The beginnings of clients' paths: a full server refuses these. On it, orchestrators still ask whether it is healthy, and
   * its operator who fills it.
   */
  readonly capped: readonly string[];
  /** Bytes of clients' requests. */
  readonly maxMessageBytes: number;
  /** That a connection may have under way. */
  readonly callsAtOnce: number;
  readonly log: Logger;
}

export function createReception({
  connections,
  shares,
  arrivals,
  capped,
  maxMessageBytes,
  callsAtOnce,
  log,
}: ReceptionOptions): (call: NewCall) => void {
  const isCapped = ({ ':path': path = '' }: IncomingHttpHeaders) =>
    capped.some((start) => path.startsWith(start));
  const large = { maxBytes: maxMessageBytes, maxAtOnce: Number.POSITIVE_INFINITY };
  return (call) => {
    const { stream, headers } = call;
    const name = nameOf(stream.session?.socket ?? {});
    const connection = connections.find(name);
    if (connection === undefined) {
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    const { 'grpc-encoding': encoding = 'identity' } = headers;
    const isCompressed = encoding !== 'identity';
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
        const isClients = isCapped(headers);
        const hindrance = connection.isSurplus && isClients ? full : unpackable(encoding);
        if (hindrance === undefined) {
          const limits = isClients ? large : small;
          const [arrival, key] = arrivals.open(stream, connection, { ...limits, isCompressed });
          headers[arrivalKey] = key;
          call.serve();
          arrival.listen();
        } else stream.respond(hindrance, { endStream: true });
      } catch (err) {
        // It has been reset this very moment.
        log.debug({ err }, 'a call that could not be opened');
        stream.destroy();
      }
      shares.charge(connection, performance.now() - began);
    });
  };
}
