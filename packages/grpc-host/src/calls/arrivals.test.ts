import { once } from 'node:events';
import { type ClientHttp2Stream, connect, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Connection } from '../net/connection.ts';
import { type ArrivalRules, Arrivals } from './arrivals.ts';
import { Places } from './line.ts';
import { RequestRoom } from './request-room.ts';

const kibi = 1024;

/** A message as gRPC frames it, as far as it comes. */
function message(length: number, { isPacked = false, comes = length } = {}): Buffer {
  const bytes = Buffer.alloc(5 + comes);
  bytes[0] = isPacked ? 1 : 0;
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

/** A server whose calls hand their bytes to nobody but this test. */
async function serve(
  rules: Partial<ArrivalRules> = {},
  timeoutMs = 60_000,
  /** What gRPC would do when a message is there. */
  onData?: (stream: ServerHttp2Stream, path: string) => void,
  patienceMs = 50,
) {
  const room = new RequestRoom(200 * kibi, patienceMs);
  const arrivals = new Arrivals(new Places(1), room, timeoutMs);
  const connections = new Map<object, Connection>();
  /** Bytes that came through, by path, and the calls' arrivals. */
  const received = new Map<string, number>();
  const open = new Map<string, NonNullable<ReturnType<Arrivals['find']>>>();
  const streams = new Map<string, ServerHttp2Stream>();
  const ended = new Set<string>();
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream, { ':path': path = '' }) => {
    stream.on('error', () => undefined);
    const session = stream.session ?? {};
    const socket = stream.session?.socket as Socket;
    const kind = { isPlain: true, isSurplus: false };
    const connection = connections.get(session) ?? new Connection(socket, kind);
    connections.set(session, connection);
    const [arrival] = arrivals.open(stream, connection, {
      maxBytes: 2 ** 20,
      maxAtOnce: 100,
      isCompressed: false,
      ...rules,
    });
    received.set(path, 0);
    open.set(path, arrival);
    streams.set(path, stream);
    stream.on('data', (chunk: Buffer) => {
      received.set(path, (received.get(path) ?? 0) + chunk.length);
      onData?.(stream, path);
    });
    stream.on('end', () => void ended.add(`${path} after ${received.get(path)}`));
    arrival.listen();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const dial = () => {
    const session = connect(`http://127.0.0.1:${port}`);
    session.on('error', () => undefined);
    onTestFinished(() => session.destroy());
    return (path: string) => {
      const stream = session.request({ ':method': 'POST', ':path': path });
      stream.on('error', () => undefined);
      return stream.resume();
    };
  };
  onTestFinished(() => void server.close());
  return { room, received, open, streams, ended, dial };
}

const statusOf = async (stream: ClientHttp2Stream): Promise<unknown> => {
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  return `${String(headers['grpc-status'])} ${String(headers['grpc-message'])}`;
};

describe('a message', () => {
  it('that is larger than its service takes is refused by its header, before it comes', async () => {
    const { received, dial } = await serve({ maxBytes: 4 * kibi });
    const call = dial()('/small');
    call.write(message(60 * 2 ** 20, { comes: 0 }));
    expect(await statusOf(call)).toMatch(/^8 CAPACITY.*4096.*62914560/);
    expect(received.get('/small')).toBe(0);
  });

  it('in a flood of small ones is refused, before gRPC reads them all at once', async () => {
    const { received, dial } = await serve({ maxAtOnce: 16 });
    const call = dial()('/flood');
    call.write(Buffer.concat(new Array<Buffer>(17).fill(message(30))));
    expect(await statusOf(call)).toMatch(/^8 CAPACITY.*16.*17/);
    expect(received.get('/flood')).toBe(0);
  });

  it.each([
    ['does not begin', Buffer.alloc(0)],
    ['ends in its header', message(100, { comes: 0 }).subarray(0, 3)],
    ['does not go on', message(100 * kibi, { comes: 10 })],
    ['is small and does not go on', message(100, { comes: 10 })],
  ])('that %s ends its call', async (_, bytes) => {
    const { dial } = await serve({}, 50);
    const call = dial()('/slow');
    if (bytes.length > 0) call.write(bytes);
    expect(await statusOf(call)).toMatch(/^3 MALFORMED.*did%20not%20come%20in%20time/);
  });

  it('that waits when its client goes leaves no timer behind, which would keep what came of it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { room, streams, dial } = await serve({}, 60_000, undefined, 60_000);
    const holder = dial()('/holder');
    holder.write(message(2 ** 18, { comes: 190 * kibi }));
    await expect.poll(() => room.bytes).toBe(190 * kibi + 5);
    const call = dial()('/waits');
    call.write(message(2 ** 18, { comes: 100 * kibi }));
    await expect.poll(() => streams.get('/waits')?.readableLength).toBeGreaterThan(0);
    call.session?.destroy();
    await expect.poll(() => streams.get('/waits')?.destroyed).toBe(true);
    // The holder's.
    expect(vi.getTimerCount()).toBe(1);
  });

  it('that comes slowly and steadily may take its time', async () => {
    const { received, dial } = await serve({}, 100);
    const call = dial()('/steady');
    call.write(message(12, { comes: 0 }));
    for (let i = 0; i < 12; i++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      call.write(Buffer.alloc(1));
    }
    await expect.poll(() => received.get('/steady')).toBe(17);
    expect(call.closed).toBe(false);
  });

  it('that gRPC does not read, since it has others to hand over, is not late', async () => {
    const { streams, received, dial } = await serve({}, 50, (stream) => stream.pause());
    const call = dial()('/ahead');
    call.write(Buffer.concat([message(10), message(100 * kibi, { comes: 10 })]));
    await expect.poll(() => received.get('/ahead')).toBe(30);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(call.closed).toBe(false);
    call.write(Buffer.alloc(100 * kibi - 10));
    // As often as pieces come.
    const reading = setInterval(() => streams.get('/ahead')?.resume(), 5);
    onTestFinished(() => clearInterval(reading));
    await expect.poll(() => received.get('/ahead')).toBe(20 + 100 * kibi);
  });

  it('is not read before gRPC asks for it, though messages begin where others end', async () => {
    const { received, dial } = await serve({}, 60_000, (stream) => stream.pause());
    const call = dial()('/pipelined');
    const half = 10 * kibi;
    call.write(message(2 * half, { comes: half }));
    for (let i = 0; i < 200; i++)
      call.write(Buffer.concat([Buffer.alloc(half), message(2 * half, { comes: half })]));
    await expect.poll(() => received.get('/pipelined')).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(received.get('/pipelined')).toBeLessThan(100 * kibi);
  });

  it('comes in any pieces, and between two of them a call may take its time', async () => {
    const { received, dial } = await serve({}, 200);
    const call = dial()('/pieces');
    const bytes = Buffer.concat([message(3), message(20 * kibi), message(0), message(70 * kibi)]);
    for (let at = 0; at < bytes.length; at += 7 * kibi) {
      call.write(bytes.subarray(at, at + 7 * kibi));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await expect.poll(() => received.get('/pieces')).toBe(bytes.length);
    await new Promise((resolve) => setTimeout(resolve, 300));
    call.write(message(3));
    await expect.poll(() => received.get('/pieces')).toBe(bytes.length + 8);
    expect(call.closed).toBe(false);
  });
});

describe('memory for requests', () => {
  it('is taken by what has come, and not by what is announced', async () => {
    const { room, received, dial } = await serve();
    const greedy = dial();
    for (let i = 0; i < 4; i++) greedy(`/greedy/${i}`).write(message(190 * kibi, { comes: 1 }));
    await expect.poll(() => received.get('/greedy/3')).toBe(6);
    expect(room.bytes).toBe(24);
    dial()('/honest').write(message(100 * kibi));
    await expect.poll(() => received.get('/honest')).toBe(100 * kibi + 5);
  });

  it('goes to those who wait, from who has most of it and does not go on', async () => {
    const { room, received, open, dial } = await serve();
    const [first, second] = [dial()('/first'), dial()('/second')];
    first.write(message(180 * kibi, { comes: 150 * kibi }));
    await expect.poll(() => received.get('/first')).toBe(150 * kibi + 5);
    second.write(message(100 * kibi));
    expect(await statusOf(first)).toMatch(/^8 CAPACITY.*others%20wait/);
    await expect.poll(() => received.get('/second')).toBe(100 * kibi + 5);
    open.get('/second')?.delivered(100 * kibi);
    expect(room.bytes).toBe(100 * kibi + 5);
    open.get('/second')?.dealtWith();
    expect(room.bytes).toBe(0);
  });

  it('is not that of calls that say nothing: they take no place', async () => {
    const { received, dial } = await serve();
    const request = dial();
    for (let i = 0; i < 8; i++) request(`/silent/${i}`);
    const calls = Array.from({ length: 5 }, (_, i) => request(`/loud/${i}`));
    for (const call of calls) call.write(message(20 * kibi, { comes: 10 }));
    const loud = () => calls.map((_, i) => received.get(`/loud/${i}`));
    // Four at a time.
    await expect.poll(loud).toEqual([15, 15, 15, 15, 0]);
    calls[1]?.write(Buffer.alloc(20 * kibi - 10));
    await expect.poll(loud).toEqual([15, 20 * kibi + 5, 15, 15, 15]);
  });

  const packed = (comes?: number) => message(2000, { isPacked: true, ...(comes !== undefined && { comes }) });

  it('of compressed requests is given to one after the other, and none loses its message or its end', async () => {
    const { received, open, ended, dial } = await serve({ isCompressed: true });
    const [near, far] = [dial(), dial()];
    const paths = ['/0', '/1', '/2', '/3', '/4', '/5'];
    paths.forEach((path, i) => (i % 2 === 0 ? near : far)(path).end(packed()));
    const come = () => paths.filter((path) => (received.get(path) ?? 0) > 0);
    for (let i = 1; i <= paths.length; i++) {
      await expect.poll(come).toHaveLength(i);
      for (const path of come()) open.get(path)?.delivered(0);
    }
    await expect.poll(() => [...ended].sort()).toEqual(paths.map((path) => `${path} after 2005`));
  });

  it('of compressed requests that have not come, and of small ones, is nobody else’s', async () => {
    const { received, dial } = await serve({ isCompressed: true });
    dial()('/announced').write(packed(1));
    const small = dial()('/small');
    small.write(message(50, { isPacked: true }));
    await expect.poll(() => received.get('/small')).toBe(55);
    dial()('/whole').write(packed());
    await expect.poll(() => received.get('/whole')).toBe(2005);
    // Unpacked, and read by nobody yet.
    dial()('/next').write(packed());
    await expect.poll(() => received.get('/next'), { timeout: 10_000 }).toBe(2005);
  });
});
