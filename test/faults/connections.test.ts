/** Connections that are too many, that break the protocol, or that outlive their welcome. */
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { connect } from '@gymwire/agent-sdk';
import { connectOperator } from '@gymwire/agent-sdk/parts';
import { float32 } from '@gymwire/protocol';
import { envService } from '@gymwire/protocol/wire';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { dial, frame, hello, hitAndRun, message, open } from '../../bench/src/abuse/raw-http2.ts';
import { ROOT } from '../../scripts/tools.mjs';
import { healthOf, serving } from '../support/health.ts';
import { startProgram } from '../support/node-program.ts';
import { createRawClient } from '../support/raw-client.ts';
import { serveCounting } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const counting = { terminateAfter: 99 };
const patiently = { timeout: 60_000, interval: 200 };

/** The types of the frames that come on stream 1 until the server ends it, or the connection. */
async function framesUntilEnd(socket: Socket): Promise<number[]> {
  let pending = Buffer.alloc(0);
  const types: number[] = [];
  for await (const bytes of socket as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, bytes]);
    for (;;) {
      const length = pending.length < 9 ? Number.POSITIVE_INFINITY : 9 + pending.readUIntBE(0, 3);
      if (pending.length < length) break;
      const [type, flags, stream] = [pending[3] ?? -1, pending[4] ?? 0, pending.readUInt32BE(5)];
      pending = pending.subarray(length);
      if (stream !== 1) continue;
      types.push(type);
      if (type === 3 || (flags & 1) === 1) return types;
    }
  }
  return types;
}

describe('above the cap', () => {
  it('a connection is refused while all others are in use, and told so', async () => {
    const operatorToken = 'the-operators-token-1234';
    const { server, connection } = await serveCounting(counting, { maxConnections: 2, operatorToken });
    const held = await connection.make('Counting-v0');
    const second = await connect(server.address);
    onTestFinished(() => second.close());
    const other = await second.make('Counting-v0');
    await expect(connect(server.address)).rejects.toMatchObject({
      code: 'CAPACITY',
      message: 'this server has as many connections as it may have',
    });
    // But an orchestrator must not take it for dead, and its operator sees who is there.
    expect(await healthOf(server.address)).toBe(serving);
    const operator = connectOperator(server.address, { token: operatorToken });
    onTestFinished(() => operator.close());
    expect((await operator.listSessions()).sessions).toHaveLength(2);
    // Those that were there are not hurt, and make room when they go.
    await held.reset();
    await other.close();
    second.close();
    const third = await connect(server.address);
    await third.listEnvs();
    third.close();
  });

  it('a connection takes the place of one without calls, whose client does not notice', async () => {
    const { server, connection } = await serveCounting(counting, { maxConnections: 2 });
    const env = await connection.make('Counting-v0');
    await env.reset({ seed: 1 });
    const idle = await connect(server.address);
    onTestFinished(() => idle.close());
    for (let i = 0; i < 5; i++) {
      const another = await connect(server.address);
      await another.listEnvs();
      another.close();
    }
    await env.step(float32([0, 0]));
    await expect(idle.listEnvs()).resolves.toHaveLength(1);
  });
});

describe('a client that breaks the protocol', () => {
  it('right behind a call, whatever its method, ends its connection and nothing else', async () => {
    const { server, connection } = await serveCounting(counting);
    const env = await connection.make('Counting-v0');
    await env.reset({ seed: 1 });
    const onStreamZero = frame(0, 0, 0, Buffer.from('data'));
    const badWindow = frame(8, 0, 0, Buffer.of(1));
    const cancel = frame(3, 0, 1, Buffer.of(0, 0, 0, 8));
    for (const method of ['Nothing', 'Interact', 'Step']) {
      for (const then of [onStreamZero, badWindow, cancel, Buffer.concat([cancel, badWindow])]) {
        for (let i = 0; i < 5; i++) await hitAndRun(server, Buffer.concat([hello, open(1, method), then]), 0);
      }
    }
    await hitAndRun(server, Buffer.from('GET / HTTP/1.1\r\n\r\n'), 0);
    await env.step(float32([0, 0]));
    expect(await connection.listEnvs()).toHaveLength(1);
  });

  it('with a compression that nobody knows is told, also behind pipelined requests', async () => {
    const { server } = await serveCounting(counting);
    const raw = createRawClient(server.address);
    const sessionId = await raw.make('Counting-v0');
    const socket = await dial(server);
    onTestFinished(() => void socket.destroy());
    const request = (content: object) => message(1, envService.Interact.requestSerialize(content));
    const packed = message(1, Buffer.from('garbage'), { compressed: true });
    const call = open(1, 'Interact', [['grpc-encoding', 'snappy']]);
    socket.write(Buffer.concat([hello, call, request({ attach: { sessionId } })]));
    const resets = new Array<Buffer>(3).fill(request({ reset: {} }));
    socket.write(Buffer.concat([...resets, packed]));
    const types = await framesUntilEnd(socket);
    expect(types).toContain(1);
  });
});

describe.skipIf(process.platform === 'win32')(
  'few open files (but on Windows, which has no such limit)',
  () => {
    it('are no wedge: whoever comes after 400 connections is served or told, and served again when they have gone', async () => {
      const program = join(ROOT, 'packages', 'cli', 'bin', 'gymwire.js');
      const command = `ulimit -n 200; exec "${process.execPath}" "${program}" --json serve --port 0`;
      const server = startProgram('sh', ['-c', command], temporaryFolder());
      onTestFinished(() => server.stop());
      const [line] = await server.printed(/^.*"type":"listening".*$/m);
      const { address, host, port } = JSON.parse(line) as { address: string; host: string; port: number };
      const sockets: Socket[] = [];
      for (let i = 0; i < 400; i++) {
        const socket = await dial({ host, port });
        socket.write(Buffer.concat([hello, open(1, 'Interact')]));
        sockets.push(socket);
      }
      // Whoever comes meanwhile is served or told.
      const outcome = await connect(address).then(
        (connection) => {
          connection.close();
          return 'served';
        },
        ({ code }: { code: string }) => code,
      );
      expect(['served', 'CAPACITY']).toContain(outcome);
      for (const socket of sockets) socket.destroy();
      await vi.waitFor(async () => {
        const connection = await connect(address);
        expect(await connection.listEnvs()).not.toEqual([]);
        connection.close();
      }, patiently);
    });
  },
);
