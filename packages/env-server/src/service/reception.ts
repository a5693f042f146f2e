/** Where calls arrive: each opens in its connection's share of the loop, if it has not been given up by then. */
import { constants } from 'node:http2';
import { status } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import type { Connections } from '../net/connections.ts';
import type { NewCall } from '../net/http2-server.ts';
import type { LoopShares } from './loop-shares.ts';

/** Where a handler finds how a call's messages are compressed, which gRPC keeps to itself. */
export const encodingKey = 'gymwire-encoding';

const encodings: ReadonlySet<unknown> = new Set(['identity', 'gzip', 'deflate']);

export function createReception(
  connections: Connections,
  shares: LoopShares,
  log: Logger,
): (call: NewCall) => void {
  return (call) => {
    const { stream, headers } = call;
    const { remoteAddress, remotePort } = stream.session?.socket ?? {};
    const connection = connections.of(`${remoteAddress}:${remotePort}`);
    if (connection === undefined) {
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    const { 'grpc-encoding': encoding = 'identity' } = headers;
    headers[encodingKey] = String(encoding);
    void shares.take(connection, () => {
      if (stream.destroyed || stream.closed) return;
      const began = performance.now();
      try {
        // gRPC would find out at the first message, and then may forget to say so.
        if (encodings.has(encoding)) call.serve();
        else refuse(call);
      } catch (err) {
        // It has been reset this very moment.
        log.debug({ err }, 'a call that could not be opened');
        stream.destroy();
      }
      shares.charge(connection, performance.now() - began);
    });
  };
}

function refuse({ stream }: NewCall): void {
  const answer = {
    ':status': 200,
    'content-type': 'application/grpc',
    'grpc-status': String(status.UNIMPLEMENTED),
    'grpc-message': 'grpc-encoding: expected identity, gzip or deflate',
    'grpc-accept-encoding': 'identity,gzip,deflate',
  };
  stream.respond(answer, { endStream: true });
}
