import { Server, ServerCredentials } from '@grpc/grpc-js';
import { box } from '@gymwire/protocol';
import { encodeSessionDescription } from '@gymwire/protocol/wire';
import { onTestFinished } from 'vitest';

/** A gRPC server of which nothing is known yet. Ends with the test. @returns its address */
export async function serveGrpc(addServices: (server: Server) => void): Promise<string> {
  const server = new Server();
  addServices(server);
  onTestFinished(() => server.forceShutdown());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return `127.0.0.1:${port}`;
}

/** What a server that has no environment answers a MakeSession with. */
export const madeUpSession: ReturnType<typeof encodeSessionDescription> = encodeSessionDescription({
  sessionId: 'made-up',
  observationSpace: box([0], [1]),
  actionSpace: box([0], [1]),
  spec: { id: 'MadeUp-v0', arguments: [], nondeterministic: false, renderModes: [], description: '' },
  autoresetMode: 'disabled',
  outOfBoundsRule: 'pass',
  renderMode: '',
  idleTimeoutMs: 60_000,
});
