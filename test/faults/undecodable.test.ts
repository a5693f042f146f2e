/** Bytes that are no message: answered with a code, in their turn, and to nobody's harm. */
import { once } from 'node:events';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { connect } from '@gymwire/agent-sdk';
import {
  decodeError,
  EnvServiceClient,
  envService,
  fromServiceError,
  type wire,
} from '@gymwire/protocol/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startNonsenseServer } from '../support/nonsense-server.ts';
import { serveCounting } from '../support/server.ts';

const { Interact, Reset } = envService;
const same = (bytes: Buffer) => bytes;

/** What is no InteractRequest, each in another way. */
const garbage = {
  'bytes of an unknown wire type': Buffer.from('ffffff', 'hex'),
  'a number where a message belongs': Buffer.from('1801', 'hex'),
  'a message that is cut off': Buffer.from('1a0510', 'hex'),
  'a length beyond the end': Buffer.from('120aff', 'hex'),
} as const;

function rawClient(address: string) {
  const client = new EnvServiceClient(address, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
  });
  onTestFinished(() => client.close());
  return client;
}

async function makeSession(client: ReturnType<typeof rawClient>): Promise<string> {
  return new Promise((resolve, reject) => {
    client.makeSession({ envId: 'Counting-v0' }, (error, reply) => {
      if (reply === undefined) reject(error ?? new Error('no reply'));
      else resolve(reply.sessionId);
    });
  });
}

/** Sends all at once, and half-closes. @returns the answers, and the status that is not OK */
async function sendAll(client: ReturnType<typeof rawClient>, messages: readonly Buffer[]) {
  const stream = client.makeBidiStreamRequest(Interact.path, same, Interact.responseDeserialize);
  const answers: wire.InteractResponse__Output[] = [];
  let refusal: ServiceError | undefined;
  stream.on('data', (answer: wire.InteractResponse__Output) => answers.push(answer));
  stream.on('error', (error: ServiceError) => (refusal = error));
  for (const message of messages) stream.write(message);
  stream.end();
  await once(stream, 'status').catch(() => undefined);
  return { answers, refusal };
}

describe('a message that cannot be decoded', () => {
  for (const [what, bytes] of Object.entries(garbage)) {
    it(`is answered in its turn behind pipelined ones, and the stream goes on: ${what}`, async () => {
      const { server } = await serveCounting({ terminateAfter: 99 });
      const client = rawClient(server.address);
      const sessionId = await makeSession(client);
      const attach = Interact.requestSerialize({ attach: { sessionId } });
      const reset = Interact.requestSerialize({ reset: { sequence: 0 } });
      const { answers, refusal } = await sendAll(client, [
        attach,
        reset,
        reset,
        reset,
        bytes,
        reset,
        bytes,
        reset,
      ]);
      expect(refusal).toBeUndefined();
      expect(answers.map(({ response }) => response)).toEqual([
        'attach',
        'reset',
        'reset',
        'reset',
        'error',
        'reset',
        'error',
        'reset',
      ]);
      const error = answers[4]?.error;
      expect(error && decodeError(error)).toMatchObject({
        code: 'MALFORMED',
        message: expect.stringMatching(/no InteractRequest/),
      });
      expect(answers.at(-1)?.reset?.sequence).toBe(5);
    });
  }

  it('as the first of a stream ends it with MALFORMED', async () => {
    const { server } = await serveCounting({ terminateAfter: 99 });
    const { answers, refusal } = await sendAll(rawClient(server.address), [
      garbage['a message that is cut off'],
    ]);
    expect(answers).toEqual([]);
    expect(refusal && fromServiceError(refusal, 'test')).toMatchObject({ code: 'MALFORMED' });
  });

  it('in a unary call is MALFORMED, in the trailing metadata too', async () => {
    const { server } = await serveCounting({ terminateAfter: 99 });
    const client = rawClient(server.address);
    for (const { path } of Object.values(envService).filter(({ requestStream }) => !requestStream)) {
      const refused = await new Promise<ServiceError | null>((resolve) => {
        client.makeUnaryRequest(path, same, same, Buffer.from('0fff', 'hex'), resolve);
      });
      expect(refused && fromServiceError(refused, 'test'), path).toMatchObject({
        code: 'MALFORMED',
        message: expect.stringMatching(/no \w+Request: /),
      });
    }
  });

  it('of millions of empty parts is refused before they are made', async () => {
    const { server } = await serveCounting({ terminateAfter: 99 });
    const client = rawClient(server.address);
    const seeds = Buffer.alloc(4 * 2 ** 20);
    for (let i = 0; i < seeds.length; i += 2) seeds[i] = 0x0a;
    const length = Buffer.from([0x22, 0x80, 0x80, 0x80, 0x02]);
    const refused = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(Reset.path, same, same, Buffer.concat([length, seeds]), resolve);
    });
    expect(refused && fromServiceError(refused, 'test')).toMatchObject({
      code: 'MALFORMED',
      message: expect.stringMatching(/more than 100000 parts/),
    });
  });
});

describe('a reply that cannot be decoded', () => {
  it('to a call is MALFORMED', async () => {
    const address = await startNonsenseServer({ ListEnvs: Buffer.from('0fff', 'hex') });
    const connection = await connect(address);
    onTestFinished(() => connection.close());
    await expect(connection.listEnvs()).rejects.toMatchObject({ code: 'MALFORMED' });
  });

  it('on a stream fails the request with MALFORMED, and all that follow, at once', async () => {
    const address = await startNonsenseServer({ Interact: Buffer.from('1801', 'hex') });
    const connection = await connect(address);
    onTestFinished(() => connection.close());
    const env = await connection.make('MadeUp-v0');
    const malformed = {
      code: 'MALFORMED',
      message: expect.stringMatching(/answered a reset with bytes that are no/),
    };
    await expect(env.reset()).rejects.toMatchObject(malformed);
    await expect(env.reset()).rejects.toMatchObject(malformed);
    await env.close();
  });
});
