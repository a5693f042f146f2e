import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Server } from '@grpc/grpc-js';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Connection } from './connection.ts';
import { Connections, maxSurplus, nameOf } from './connections.ts';
import { createInjector } from './http2-server.ts';
import { listen } from './listener.ts';

const silent = pino({ level: 'silent' });
const patiently = { timeout: 30_000 };

/** A socket of which only what a connection looks at is there. */
async function socketPair(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  far.on('error', () => undefined);
  const [near] = (await once(server, 'connection')) as [Socket];
  near.on('error', () => undefined);
  onTestFinished(() => {
    far.destroy();
    near.destroy();
    server.close();
  });
  return { near, far };
}

/** What arrives, as hexadecimal digits. */
function heard(socket: Socket): { text: string } {
  const sum = { text: '' };
  socket.on('data', (bytes: Buffer) => (sum.text += bytes.toString('hex')));
  return sum;
}

const beat = '000000fa0000000000';

async function helloFrom({ near, far }: { near: Socket; far: Socket }): Promise<void> {
  far.write(Buffer.alloc(33));
  await once(near, 'readable');
  near.read();
}

function createConnection(socket: Socket): Connection {
  return new Connection(socket, { isPlain: true, isSurplus: false });
}

describe('a connection', () => {
  it('that says nothing ends after ten seconds, and one that has said hello does not', async () => {
    const [silentPair, politePair] = [await socketPair(), await socketPair()];
    await helloFrom(politePair);
    const [quiet, polite] = [createConnection(silentPair.near), createConnection(politePair.near)];
    for (let second = 0; second < 10; second++) {
      quiet.feelPulse();
      polite.feelPulse();
    }
    expect([silentPair.near.destroyed, politePair.near.destroyed]).toEqual([false, false]);
    quiet.feelPulse();
    polite.feelPulse();
    expect([silentPair.near.destroyed, politePair.near.destroyed]).toEqual([true, false]);
  });

  it('that is idle gets a frame that means nothing now and then, more and more seldom', async () => {
    const pair = await socketPair();
    const got = heard(pair.far);
    await helloFrom(pair);
    const connection = createConnection(pair.near);
    connection.feelPulse();
    for (let second = 1; second <= 32; second++) connection.feelPulse();
    // At 2, 4, 8, 16 and 32 s.
    await vi.waitFor(() => expect(got.text).toBe(beat.repeat(5)), patiently);
  });

  it('whose stream holds a session is left in peace, however long its client thinks', async () => {
    const pair = await socketPair();
    await helloFrom(pair);
    const connection = createConnection(pair.near);
    connection.attached = 1;
    for (let second = 0; second < 1000; second++) connection.feelPulse();
    expect([pair.near.bytesWritten, pair.near.destroyed]).toEqual([0, false]);
  });

  it('that does not read its replies ends after half a minute, and one that reads slowly does not', async () => {
    const [stuckPair, slowPair] = [await socketPair(), await socketPair()];
    await helloFrom(stuckPair);
    await helloFrom(slowPair);
    const [stuck, slow] = [createConnection(stuckPair.near), createConnection(slowPair.near)];
    stuck.unreadBytes = slow.unreadBytes = 1e6;
    const verdicts = new Set<boolean>();
    for (let second = 0; second < 29; second++) {
      slowPair.near.write(Buffer.alloc(1000));
      verdicts.add(stuck.feelPulse()).add(slow.feelPulse());
    }
    expect([...verdicts]).toEqual([false]);
    slowPair.near.write(Buffer.alloc(1000));
    expect([stuck.feelPulse(), slow.feelPulse()]).toEqual([true, false]);
    expect([stuckPair.near.destroyed, slowPair.near.destroyed]).toEqual([true, false]);
  });
});

describe('connections', () => {
  it('above the cap take the place of the one that has been without calls for the longest time', async () => {
    const connections = new Connections(3, silent);
    const pairs = [await socketPair(), await socketPair(), await socketPair(), await socketPair()];
    const [first, second, , fourth] = pairs;
    const [busy, idle] = pairs.slice(0, 3).map(({ near }) => connections.admit(near, true));
    busy?.beginCall().hear();
    // After the third was accepted, which has not called yet.
    idle?.beginCall().end();
    expect(fourth && connections.admit(fourth.near, true)).toMatchObject({ isSurplus: false });
    expect(connections.size).toBe(3);
    expect(pairs.map(({ near }) => near.destroyed)).toEqual([false, false, true, false]);
    expect(busy).toBe(first && connections.find(nameOf(first.near)));
    expect(idle).toBe(second && connections.find(nameOf(second.near)));
    connections.endAll();
  });

  it('whose calls have asked for nothing yet are as good as idle', async () => {
    const connections = new Connections(2, silent);
    const pairs = [await socketPair(), await socketPair(), await socketPair()];
    const [calling, loitering] = pairs.slice(0, 2).map(({ near }) => connections.admit(near, true));
    calling?.beginCall().hear();
    loitering?.beginCall();
    connections.admit(pairs[2].near, true);
    expect(pairs.map(({ near }) => near.destroyed)).toEqual([false, true, false]);
    connections.endAll();
  });

  it('above the cap are there to be told so when all are in use; the oldest of them go first', async () => {
    const connections = new Connections(1, silent);
    const pairs = await Promise.all(Array.from({ length: maxSurplus + 3 }, socketPair));
    const admitted = pairs.map(({ near }) => {
      const connection = connections.admit(near, true);
      connection.beginCall().hear();
      return connection;
    });
    expect(admitted.slice(0, 3).map(({ isSurplus }) => isSurplus)).toEqual([false, true, true]);
    const ended = pairs.map(({ near }) => near.destroyed);
    expect(ended).toEqual([false, true, true, ...new Array<boolean>(maxSurplus).fill(false)]);
    connections.endAll();
  });

  it('share room for calls that wait: who has few may always add one', async () => {
    const connections = new Connections(8, silent);
    const [greedy, modest] = [await socketPair(), await socketPair()].map(({ near }) =>
      connections.admit(near, true),
    );
    if (greedy === undefined || modest === undefined) throw new Error('two sockets');
    const begins = Array.from({ length: 2048 }, () => connections.waitOn(greedy));
    expect(() => connections.waitOn(greedy)).toThrow(/2048 calls wait at this server/);
    expect(() => connections.waitOn(modest)).not.toThrow();
    for (const begin of begins.slice(0, 2)) begin();
    expect(() => connections.waitOn(greedy)).not.toThrow();
    connections.endAll();
  });
});

describe('a connection that breaks the protocol', () => {
  it('is let go soon after its client, though Node reads no more from it', async () => {
    const connections = new Connections(64, silent, 20);
    const injector = createInjector(new Server(), ({ serve }) => serve());
    const { port, close } = await listen({
      host: '127.0.0.1',
      port: 0,
      tls: undefined,
      connections,
      open: (socket) => injector.injectConnection(socket),
      log: silent,
    });
    onTestFinished(() => {
      connections.endAll();
      close();
    });
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
    const settings = Buffer.from('000000040000000000', 'hex');
    // A window that is no number of bytes: HTTP/2 says goodbye and falls silent.
    const wrong = Buffer.from('000001080000000000ff', 'hex');
    for (let i = 0; i < 10; i++) {
      const client = connect({ host: '127.0.0.1', port });
      client.on('error', () => undefined);
      client.write(Buffer.concat([preface, settings, wrong]));
      await once(client, 'data');
      client.destroy();
    }
    await vi.waitFor(() => expect(connections.size).toBe(0), patiently);
  });
});
