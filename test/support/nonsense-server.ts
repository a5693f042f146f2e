/** A server that answers with bytes that are no message where it is told to, and sensibly elsewhere. */
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { box, protocolVersion } from '@gymwire/protocol';
import { encodeSessionDescription, envService } from '@gymwire/protocol/wire';
import { onTestFinished } from 'vitest';

/** By methods: what a call gets, or each request of a stream but the attach. */
export type Nonsense = Partial<Record<'ListEnvs' | 'Interact', Buffer>>;

const description = encodeSessionDescription({
  sessionId: 'nonsense',
  observationSpace: box([0], [1]),
  actionSpace: box([0], [1]),
  spec: { id: 'Nonsense-v0', arguments: [], nondeterministic: false, renderModes: [], description: '' },
  autoresetMode: 'disabled',
  outOfBoundsRule: 'pass',
  renderMode: '',
  idleTimeoutMs: 60_000,
});

/** @returns its address. Ends with the test */
export async function startNonsenseServer(nonsense: Nonsense): Promise<string> {
  const { Handshake, ListEnvs, MakeSession, Interact } = envService;
  const same = (bytes: Buffer) => bytes;
  const raw = { requestDeserialize: same, responseSerialize: same };
  const server = new Server();
  const answer = (bytes: Buffer) => (_: unknown, callback: sendUnaryData<Buffer>) => callback(null, bytes);
  const handlers: UntypedServiceImplementation = {
    Handshake: answer(Handshake.responseSerialize({ protocolVersion, server: 'nonsense' })),
    ListEnvs: answer(nonsense.ListEnvs ?? ListEnvs.responseSerialize({ envs: [] })),
    MakeSession: answer(MakeSession.responseSerialize(description)),
    Interact(call: ServerDuplexStream<Buffer, Buffer>) {
      call.on('data', (request: Buffer) => {
        const isAttach = Interact.requestDeserialize(request).attach !== undefined;
        const attached = Interact.responseSerialize({ attach: { lastSequence: 0 } });
        call.write(isAttach ? attached : (nonsense.Interact ?? attached));
      });
      call.on('end', () => call.end());
    },
  };
  const methods = { Handshake, ListEnvs, MakeSession, Interact };
  const definition = Object.entries(methods).map(([name, method]) => [name, { ...method, ...raw }] as const);
  server.addService(Object.fromEntries(definition), handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  onTestFinished(() => server.forceShutdown());
  return `127.0.0.1:${port}`;
}
