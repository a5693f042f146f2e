/** What strangers reach without a token, health and reflection, has limits of its own; and calls that say nothing cost nobody. */
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { expect, it, onTestFinished } from 'vitest';

const patiently = { timeout: 30_000 };
const token = 'a-token-of-strangers-is-none';

async function serve(): Promise<{ server: EnvServer; session: ClientHttp2Session }> {
  const server = await startEnvServer({ port: 0, envs: builtinEnvs, token, drainTimeoutMs: 100 });
  const session = connect(`http://${server.address}`);
  session.on('error', () => undefined);
  onTestFinished(async () => {
    session.destroy();
    await server.shutdown();
  });
  return { server, session };
}

function open(session: ClientHttp2Session, path: string): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: `Bearer ${token}`,
  });
  stream.on('error', () => undefined);
  return stream;
}

/** A message as gRPC frames it; `announced` bytes, if others than come. */
function message(bytes: Buffer, announced = bytes.length): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(announced, 1);
  return Buffer.concat([header, bytes]);
}

async function statusOf(stream: ClientHttp2Stream): Promise<string> {
  const told = (headers: Record<string, unknown>) => headers['grpc-status'];
  const [response] = (await once(stream, 'response')) as [Record<string, unknown>];
  if (told(response) !== undefined) return String(told(response));
  stream.resume();
  const [trailers] = (await once(stream, 'trailers')) as [Record<string, unknown>];
  return String(told(trailers));
}

const resourceExhausted = '8';

it.each([
  '/grpc.health.v1.Health/Check',
  '/grpc.health.v1.Health/Watch',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
])('a request of 60 MB to %s is refused before it comes', async (path) => {
  const { session } = await serve();
  const stream = open(session, path);
  stream.write(message(Buffer.alloc(0), 60 * 2 ** 20));
  expect(await statusOf(stream)).toBe(resourceExhausted);
});

it('a connection watches the health of a server a few times, and is told when it drains', async () => {
  const { server, session } = await serve();
  const watch = () => {
    const stream = open(session, '/grpc.health.v1.Health/Watch');
    const statuses: number[] = [];
    // A message of one field.
    stream.on('data', (bytes: Buffer) => statuses.push(bytes.at(-1) ?? 0));
    stream.write(message(Buffer.alloc(0)));
    return { stream, statuses };
  };
  const watches = Array.from({ length: 4 }, watch);
  for (const { statuses } of watches) await expect.poll(() => statuses, patiently).toEqual([1]);
  expect(await statusOf(watch().stream)).toBe(resourceExhausted);
  watches[0]?.stream.close();
  await once(watches[0]?.stream ?? session, 'close');
  const another = watch();
  await expect.poll(() => another.statuses, patiently).toEqual([1]);
  void server.drain();
  await expect.poll(() => another.statuses, patiently).toEqual([1, 2]);
});

it('replies of reflection that nobody reads are made no further than there is room for them', async () => {
  const { session } = await serve();
  const symbol = 'gymwire.v1.EnvService';
  const ask = message(Buffer.concat([Buffer.of(0x22, symbol.length), Buffer.from(symbol)]));
  const stream = open(session, '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo');
  let asked = 0;
  // One after the other, as far as the server reads them; its replies are not read.
  stream.pause();
  const next = () => {
    asked += 1;
    if (asked < 50_000) stream.write(ask, () => setImmediate(next));
  };
  next();
  let before = -1;
  while (before !== asked) {
    before = asked;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  expect(asked).toBeLessThan(10_000);
});

it('streams that say nothing take no place of the calls beside them', async () => {
  const { session } = await serve();
  const silent = Array.from({ length: 8 }, () => open(session, '/gymwire.v1.EnvService/Interact').resume());
  const closed: number[] = [];
  silent.forEach((stream, i) => stream.on('close', () => closed.push(i)));
  const list = open(session, '/gymwire.v1.EnvService/ListEnvs');
  list.end(message(Buffer.alloc(0)));
  expect(await statusOf(list)).toBe('0');
  expect(closed).toEqual([]);
});

it('clients that compress are answered, however many call at once, and whatever a stranger announces', async () => {
  const { server, session } = await serve();
  const stranger = connect(`http://${server.address}`);
  stranger.on('error', () => undefined);
  onTestFinished(() => stranger.destroy());
  const compressed = (from: ClientHttp2Session, path: string, more = {}) => {
    const stream = from.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-encoding': 'gzip',
      ...more,
    });
    stream.on('error', () => undefined);
    return stream;
  };
  for (let i = 0; i < 4; i++) {
    compressed(stranger, '/grpc.health.v1.Health/Check').write(Buffer.from([1, 0, 0, 15, 0, 31]));
  }
  // ListEnvs says nothing in its request: fields that nobody knows make it large, compressed too.
  const noise = Buffer.from(Array.from({ length: 6000 }, (_, i) => (i * i * 31) % 251));
  const unknown = Buffer.concat([Buffer.from([0xfa, 0x7f, 0xf0, 0x2e]), noise]);
  const body = gzipSync(unknown);
  const request = Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), body]);
  request.writeUInt32BE(body.length, 1);
  const calls = Array.from({ length: 12 }, () =>
    compressed(session, '/gymwire.v1.EnvService/ListEnvs', { authorization: `Bearer ${token}` }),
  );
  for (const call of calls) call.end(request);
  expect(await Promise.all(calls.map(statusOf))).toEqual(calls.map(() => '0'));
});
