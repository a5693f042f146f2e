/** What stands around a service is not about sessions: a second, tiny gRPC server with another service has it too. */
import { Client, credentials, Metadata, type ServiceDefinition, status } from '@grpc/grpc-js';
import { type HostedWork, resolveHostOptions, servePlain, startGrpcHost } from '@gymwire/grpc-host';
import { GymwireError } from '@gymwire/protocol';
import { fromServiceError } from '@gymwire/protocol/wire';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { notServing, serving } from '../support/health.ts';

const token = 'a-token-for-tests.0123456789';
const host = '127.0.0.1';
const say = '/tests.v1.Echo/Say';
const same = (bytes: Buffer) => bytes;

const echoService: ServiceDefinition = {
  Say: {
    path: say,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
};

function call(client: Client, path: string, request: Buffer, sent?: string): Promise<Buffer> {
  const metadata = new Metadata();
  if (sent !== undefined) metadata.set('authorization', `Bearer ${sent}`);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, same, same, request, metadata, (error, reply) =>
      error === null ? resolve(reply ?? Buffer.alloc(0)) : reject(error),
    );
  });
}

it('another service is hosted with TLS, a token, health, and an end in good order', async () => {
  const authority = await createAuthority('ours');
  let tellEmpty = (): void => undefined;
  const happened: string[] = [];
  const work: HostedWork = {
    refuse: () => void happened.push('refuse'),
    whenEmpty: () => new Promise((resolve) => (tellEmpty = resolve)),
    endStreams: ({ code }) => void happened.push(code),
    closeAll: async () => void happened.push('close'),
    fields: () => ({ jobs: 1 }),
    abandoned: 'a job is abandoned',
  };
  const server = await startGrpcHost({
    options: resolveHostOptions({ host, port: 0, token, tls: await authority.issue(host) }),
    log: pino({ level: 'silent' }),
    services: (context) => {
      const Say = servePlain(context, (message) => {
        if (message.length === 0) throw new GymwireError('INVALID_ARGUMENT', 'say something');
        return message;
      });
      return { services: [{ definition: echoService, handlers: { Say } }], work };
    },
    serviceNames: ['tests.v1.Echo'],
  });
  const client = new Client(server.address, credentials.createSsl(Buffer.from(authority.ca)));
  const plain = new Client(server.address, credentials.createInsecure());
  onTestFinished(async () => {
    client.close();
    plain.close();
    await server.shutdown();
  });
  const health = async () => (await call(client, '/grpc.health.v1.Health/Check', Buffer.alloc(0)))[1];

  const hello = Buffer.from('hello');
  expect(await call(client, say, hello, token)).toEqual(hello);
  const empty = await call(client, say, Buffer.alloc(0), token).catch((error: unknown) => error);
  expect(fromServiceError(empty as never, 'Say')).toMatchObject({ code: 'INVALID_ARGUMENT' });
  for (const wrong of [undefined, `${token}x`]) {
    await expect(call(client, say, hello, wrong)).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
  }
  await expect(call(plain, say, hello, token)).rejects.toMatchObject({ code: status.UNAVAILABLE });
  expect(await health()).toBe(serving);

  const drained = server.drain();
  expect(await health()).toBe(notServing);
  // What is open may go on, and its client is answered.
  expect(await call(client, say, hello, token)).toEqual(hello);
  expect(happened).toEqual(['refuse']);
  tellEmpty();
  await drained;
  expect(happened).toEqual(['refuse', 'refuse', 'SHUTTING_DOWN', 'close']);
  await expect(call(client, say, hello, token)).rejects.toMatchObject({ code: status.UNAVAILABLE });
});
