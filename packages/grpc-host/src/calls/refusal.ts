/** A call's end before its beginning, or behind gRPC's back, in the headers that gRPC would send. */
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { StatusObject } from '@grpc/grpc-js';

type Status = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

/** Whoever does not read what came before the reason does without it. */
const leavingMs = 1000;

export function refusal(status: Status): OutgoingHttpHeaders {
  return { ':status': 200, 'content-type': 'application/grpc', ...trailersOf(status) };
}

function trailersOf({ code, details, metadata }: Status): OutgoingHttpHeaders {
  return {
    'grpc-status': String(code),
    'grpc-message': encodeURI(details),
    ...metadata.toHttp2Headers(),
  };
}

/** Ends a call that has begun to answer: with the reason, and at once where that does not leave. */
export function breakOff(stream: ServerHttp2Stream, status: Status): void {
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM), leavingMs).unref();
  stream.once('close', () => clearTimeout(timer));
  stream.once('wantTrailers', () => {
    // gRPC may have ended the call at the same time, and takes it ill when it is not the only one to say so.
    if (stream.sentTrailers === undefined && stream.listenerCount('wantTrailers') === 0) {
      stream.sendTrailers(trailersOf(status));
    }
  });
  stream.end();
}
