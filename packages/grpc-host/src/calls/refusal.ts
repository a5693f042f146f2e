/** A call's end before its beginning, in the headers that gRPC would send. */
import type { OutgoingHttpHeaders } from 'node:http2';
import type { StatusObject } from '@grpc/grpc-js';

export function refusal({
  code,
  details,
  metadata,
}: Pick<StatusObject, 'code' | 'details' | 'metadata'>): OutgoingHttpHeaders {
  return {
    ':status': 200,
    'content-type': 'application/grpc',
    'grpc-status': String(code),
    'grpc-message': encodeURI(details),
    ...metadata.toHttp2Headers(),
  };
}
