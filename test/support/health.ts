/** What a server says of its health. */
import { createRawClient } from './raw-client.ts';

export const serving = 1;
export const notServing = 2;

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
