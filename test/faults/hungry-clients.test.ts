/** Clients that ask for more than their share, and what the others notice of it. */
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { type EnvServerOptions, startEnvServer } from '@gymwire/env-server';
import { box, float32 } from '@gymwire/protocol';
import { envService } from '@gymwire/protocol/wire';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { dial, hello, message, open } from '../../bench/src/abuse/raw-http2.ts';
import { createRawClient } from '../support/raw-client.ts';

const { Interact, Reset } = envService;
const patiently = { timeout: 60_000 };

/** What the environments of these tests did, and what they wait for. */
interface Work {
  resets: number;
  /** Resets wait for it. */
  gate: Promise<void> | undefined;
  closed: number;
}

/** Busy for so long; this server has one thread. */
function burn(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

interface EnvSettings {
  /** Time that a reset takes of the server's thread. */
  readonly burnMs?: number;
  /** Numbers in an observation. */
  readonly floats?: number;
}

async function serve({ burnMs = 0, floats = 1 }: EnvSettings, options: Partial<EnvServerOptions> = {}) {
  const work: Work = { resets: 0, gate: undefined, closed: 0 };
  const observation = () => float32(new Float32Array(floats));
  const make = () => ({
    observationSpace: box(new Float32Array(floats).fill(-1), new Float32Array(floats).fill(1)),
    actionSpace: box([-1], [1]),
    reset() {
      work.resets += 1;
      burn(burnMs);
      const result = { observation: observation(), info: {} };
      return work.gate === undefined ? result : work.gate.then(() => result);
    },
    step: () => ({ observation: observation(), reward: 0, terminated: false, truncated: false, info: {} }),
    close() {
      work.closed += 1;
    },
  });
  const light = { ...make(), reset: () => ({ observation: observation(), info: {} }) };
  const envs = [
    { id: 'Heavy-v0', make },
    { id: 'Light-v0', make: () => light },
  ];
  const server = await startEnvServer({ envs, port: 0, drainTimeoutMs: 100, ...options });
  onTestFinished(() => server.shutdown());
  return { server, work };
}

/** Closed until `open`. */
function createGate() {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  return { gate, open };
}

describe('one client’s heavy requests', () => {
  it('pipelined on a stream, let another client’s calls through in between', async () => {
    const { server, work } = await serve({ burnMs: 15 });
    const modest = createRawClient(server.address);
    const [heavy, light] = [await modest.make('Heavy-v0'), await modest.make('Light-v0')];
    const socket = await dial(server);
    onTestFinished(() => void socket.destroy());
    socket.resume();
    // All in one piece, so that the server has them all at once.
    const requests = [{ attach: { sessionId: heavy } }, ...new Array<object>(100).fill({ reset: {} })];
    const messages = requests.map((request) => message(1, Interact.requestSerialize(request)));
    socket.write(Buffer.concat([hello, open(1, 'Interact'), ...messages]));
    await vi.waitFor(() => expect(work.resets).toBeGreaterThan(0), patiently);
    for (let i = 0; i < 5; i++) await modest.call('Reset', { sessionId: light });
    // Each of the five waited for a few requests of the other, not for all.
    expect(work.resets).toBeLessThan(40);
  });

  it('as calls on many sessions, let another client’s calls through in between', async () => {
    const { server } = await serve({ burnMs: 15 });
    const greedy = createRawClient(server.address);
    const modest = createRawClient(server.address);
    const light = await modest.make('Light-v0');
    let answers = 0;
    for (let i = 0; i < 8; i++) {
      const sessionId = await greedy.make('Heavy-v0');
      for (let k = 0; k < 12; k++)
        void greedy.call('Reset', { sessionId }).then(
          () => (answers += 1),
          () => 0,
        );
    }
    await vi.waitFor(() => expect(answers).toBeGreaterThan(0), patiently);
    for (let i = 0; i < 5; i++) await modest.call('Reset', { sessionId: light });
    expect(answers).toBeLessThan(60);
    await vi.waitFor(() => expect(answers).toBe(96), patiently);
  });
});

describe('calls of one session', () => {
  it('wait in a line that has an end: CAPACITY', async () => {
    const { server, work } = await serve({});
    const raw = createRawClient(server.address);
    const sessionId = await raw.make('Heavy-v0');
    const { gate, open: openGate } = createGate();
    work.gate = gate;
    const outcomes = Array.from({ length: 75 }, () =>
      raw.call('Reset', { sessionId }).then(
        () => 'done',
        (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
      ),
    );
    // One under way and 64 that wait; the other ten hear at once.
    const refused = await Promise.race([Promise.all(outcomes.slice(65)), once(new EventTarget(), 'never')]);
    expect(new Set(refused)).toEqual(new Set(['CAPACITY: 64 calls of this session wait already']));
    openGate();
    expect(new Set(await Promise.all(outcomes.slice(0, 65)))).toEqual(new Set(['done']));
    expect(work.resets).toBe(65);
  });

  it('that are cancelled while they wait are not carried out', async () => {
    const { server, work } = await serve({});
    const raw = createRawClient(server.address);
    const sessionId = await raw.make('Heavy-v0');
    const { gate, open: openGate } = createGate();
    work.gate = gate;
    const first = raw.start('Reset', { sessionId });
    const others = Array.from({ length: 20 }, () => raw.start('Reset', { sessionId }));
    await vi.waitFor(() => expect(work.resets).toBe(1), patiently);
    for (const { cancel } of others) cancel();
    for (const { reply } of others) await expect(reply).rejects.toMatchObject({ code: 'CANCELLED' });
    // The server has heard of it when it answers what came after.
    const last = raw.start('Reset', { sessionId });
    await raw.call('ListEnvs', {});
    openGate();
    await Promise.all([first.reply, last.reply]);
    expect(work.resets).toBe(2);
  });

  it('whose client has hung up are not carried out', async () => {
    const { server, work } = await serve({});
    const [raw, other] = [createRawClient(server.address), createRawClient(server.address)];
    const sessionId = await other.make('Heavy-v0');
    const { gate, open: openGate } = createGate();
    work.gate = gate;
    const calls = Array.from({ length: 20 }, () => raw.start('Reset', { sessionId }));
    await vi.waitFor(() => expect(work.resets).toBe(1), patiently);
    raw.client.close();
    for (const { cancel } of calls) cancel();
    await other.call('ListEnvs', {});
    openGate();
    await other.call('Reset', { sessionId });
    expect(work.resets).toBe(2);
  });
});

describe('a session whose making was cancelled', () => {
  it('is closed, since nobody knows its id', async () => {
    const { gate, open: openGate } = createGate();
    const { server, work } = await serve({});
    const envs = [
      {
        id: 'Late-v0',
        async make() {
          await gate;
          return {
            observationSpace: box([0], [1]),
            actionSpace: box([0], [1]),
            reset: () => ({ observation: float32([0]), info: {} }),
            step: () => ({
              observation: float32([0]),
              reward: 0,
              terminated: true,
              truncated: false,
              info: {},
            }),
            close: () => void (work.closed += 1),
          };
        },
      },
    ];
    const late = await startEnvServer({ envs, port: 0 });
    onTestFinished(() => late.shutdown());
    expect(server.sessionCount).toBe(0);
    const raw = createRawClient(late.address);
    const making = raw.start('MakeSession', { envId: 'Late-v0' });
    await raw.call('ListEnvs', {});
    making.cancel();
    await expect(making.reply).rejects.toMatchObject({ code: 'CANCELLED' });
    await raw.call('ListEnvs', {});
    openGate();
    await vi.waitFor(() => expect([late.sessionCount, work.closed]).toEqual([0, 1]), patiently);
  });
});

describe('replies that nobody reads', () => {
  /** Calls Reset, and reads nothing until it is told to. */
  function callUnread(session: ClientHttp2Session, sessionId: string): ClientHttp2Stream {
    const stream = session.request({
      ':method': 'POST',
      ':path': Reset.path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => undefined);
    const bytes = Reset.requestSerialize({ sessionId });
    const head = Buffer.alloc(5);
    head.writeUInt32BE(bytes.length, 1);
    stream.end(Buffer.concat([head, bytes]));
    return stream;
  }

  it('stop the calls of that connection, and of no other, until they are read', async () => {
    // 4 MiB a reply; a connection may leave 16 MiB unread.
    const { server, work } = await serve({ floats: 2 ** 20 });
    const [maker, other] = [createRawClient(server.address), createRawClient(server.address)];
    const sessions = [await maker.make('Heavy-v0'), await other.make('Heavy-v0')];
    const greedy = connectHttp2(`http://${server.address}`);
    onTestFinished(() => greedy.destroy());
    const streams = Array.from({ length: 30 }, () => callUnread(greedy, sessions[0] ?? ''));
    await vi.waitFor(() => expect(work.resets).toBeGreaterThanOrEqual(4), patiently);
    for (let i = 0; i < 10; i++) await other.call('Reset', { sessionId: sessions[1] ?? '' });
    expect(work.resets - 10).toBeLessThanOrEqual(5);
    for (const stream of streams) stream.resume();
    await Promise.all(streams.map((stream) => once(stream, 'close')));
    expect(work.resets).toBe(40);
  });

  it('of a client that has gone are not even made', async () => {
    const { server, work } = await serve({ floats: 2 ** 20 });
    const other = createRawClient(server.address);
    const sessionId = await other.make('Heavy-v0');
    const socket = connectTcp({ host: server.host, port: server.port });
    const greedy = connectHttp2(`http://${server.address}`, { createConnection: () => socket });
    greedy.on('error', () => undefined);
    for (let i = 0; i < 30; i++) callUnread(greedy, sessionId);
    await vi.waitFor(() => expect(work.resets).toBeGreaterThanOrEqual(4), patiently);
    socket.destroy();
    // Its turn comes after those of the others, if they get any.
    await other.call('Reset', { sessionId });
    expect(work.resets).toBeLessThanOrEqual(6);
  });
});
