/** What a server says of its health. */
import type { ServiceError } from '@grpc/grpc-js';
import { createRawClient } from './raw-client.ts';

export const serving = 1;
export const notServing = 2;

/** What a watcher hears, one after the other, until the server ends the watch: statuses, and why it ended. */
export function watchHealth(address: string): {
  readonly first: Promise<void>;
  readonly all: Promise<unknown[]>;
} {
  const { client } = createRawClient(address);
  const same = (bytes: Buffer) => bytes;
  const path = '/grpc.health.v1.Health/Watch';
  const call = client.makeServerStreamRequest(path, same, same, Buffer.alloc(0));
  const heard: unknown[] = [];
  const first = new Promise<void>((resolve) => {
    call.on('data', (reply: Buffer) => {
      heard.push(reply[1]);
      resolve();
    });
  });
  const all = new Promise<unknown[]>((resolve) => {
    call.on('error', ({ details }: ServiceError) => resolve([...heard, details]));
  });
  return { first, all };
}

/** grpc.health.v1's word for a server: HealthCheckResponse { status = 1 }. */
export function healthOf(address: string): Promise<number | undefined> {
  const { client } = createRawClient(address);
  const same = (bytes: Buffer) => bytes;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest('/grpc.health.v1.Health/Check', same, same, Buffer.alloc(0), (error, reply) =>
      error === null ? resolve(reply?.[1]) : reject(error),
    );
  });
}
