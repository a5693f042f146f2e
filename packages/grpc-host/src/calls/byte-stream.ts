/**
 * gymwire.v1 as this server takes it: every method is a stream of bytes. The wire does not show it; here it means that
 * a message is read when there is room for it, is decoded in its turn, and that a reply's way out can be followed.
 */
import type { MethodDefinition, ServerDuplexStream, ServiceDefinition } from '@grpc/grpc-js';
import type { Connection } from '../net/connection.ts';
import type { Connections } from '../net/connections.ts';

export type ByteStream = ServerDuplexStream<Buffer, Buffer>;

/** Headers of ours, written where calls arrive, whatever a client sends under these names. */
export const connectionKey = 'gymwire-connection';
/** Under which its arrivals are found. */
export const arrivalKey = 'gymwire-arrival';

/** @returns undefined when it has ended since; its calls are cancelled presently */
export function connectionOf({ metadata }: ByteStream, connections: Connections): Connection | undefined {
  return connections.find(String(metadata.get(connectionKey)[0]));
}

const asItCame = (bytes: Buffer): Buffer => bytes;

/** The methods of a service, for bytes. */
export function asByteStreams(service: ServiceDefinition): ServiceDefinition {
  const methods = Object.entries(service).map(([name, { path }]) => {
    const method: MethodDefinition<Buffer, Buffer> = {
      path,
      requestStream: true,
      responseStream: true,
      requestSerialize: asItCame,
      requestDeserialize: asItCame,
      responseSerialize: asItCame,
      responseDeserialize: asItCame,
    };
    return [name, method] as const;
  });
  return Object.fromEntries(methods);
}
