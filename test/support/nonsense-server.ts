/** A server that answers with bytes that are no message where it is told to, and sensibly elsewhere. */
import type { ServerDuplexStream, sendUnaryData, UntypedServiceImplementation } from '@grpc/grpc-js';
import { protocolVersion } from '@gymwire/protocol';
import { envService } from '@gymwire/protocol/wire';
import { madeUpSession, serveGrpc } from './grpc-server.ts';

/** By methods: what a call gets, or each request of a stream but the attach. */
export type Nonsense = Partial<Record<'ListEnvs' | 'Interact', Buffer>>;

/** @returns its address. Ends with the test */
export async function startNonsenseServer(nonsense: Nonsense): Promise<string> {
  const { Handshake, ListEnvs, MakeSession, Interact } = envService;
  const same = (bytes: Buffer) => bytes;
  const raw = { requestDeserialize: same, responseSerialize: same };
  const answer = (bytes: Buffer) => (_: unknown, callback: sendUnaryData<Buffer>) => callback(null, bytes);
  const handlers: UntypedServiceImplementation = {
    Handshake: answer(Handshake.responseSerialize({ protocolVersion, server: 'nonsense' })),
    ListEnvs: answer(nonsense.ListEnvs ?? ListEnvs.responseSerialize({ envs: [] })),
    MakeSession: answer(MakeSession.responseSerialize(madeUpSession)),
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
  return serveGrpc((server) => server.addService(Object.fromEntries(definition), handlers));
}
