/** Requests that cost more than they say. */
import { connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { envService } from '@gymwire/protocol/wire';
import type { Attack, AttackTarget } from './attack.ts';
import { connectionAttacks } from './connection-attacks.ts';
import { dial, frame, frameTypes, hello, message, open } from './raw-http2.ts';
import { ToolClient } from './tool-client.ts';

const { Interact, Render, Reset } = envService;
const mebibyte = 2 ** 20;

async function withClient(target: AttackTarget, use: (client: ToolClient) => Promise<void>): Promise<void> {
  const client = new ToolClient(target.address);
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

/** Asks for 400 images of 5 MB on one connection, and reads none. */
async function leaveUnread(target: AttackTarget, heldMs: number): Promise<void> {
  await withClient(target, async (client) => {
    const sessionId = await client.make({
      envId: 'gymwire/Conformance-v0',
      arguments: { observation: 'image' },
    });
    const request = Reset.requestSerialize({ sessionId });
    const calls = Array.from({ length: 400 }, (_, i) =>
      Buffer.concat([open(1 + 2 * i, 'Reset'), message(1 + 2 * i, request, { end: true })]),
    );
    const socket = await dial(target);
    socket.write(Buffer.concat([hello, ...calls]));
    await sleep(heldMs);
    socket.destroy();
  });
}

async function render(target: AttackTarget, count: number, isCancelled: boolean): Promise<void> {
  await withClient(target, async (client) => {
    const sessionId = await client.make({ envId: target.pictures, renderMode: 'rgb_array' });
    const request = Render.requestSerialize({ sessionId });
    const calls = Array.from({ length: count }, () => client.call('Render', request));
    await sleep(500);
    if (isCancelled) for (const call of calls) call.cancel();
    await Promise.race([Promise.all(calls.map(({ answer }) => answer)), sleep(10_000)]);
    for (const call of calls) call.cancel();
  });
}

/** Lists of empty messages, two bytes each. */
function emptyParts(tag: number, bytes: number): Buffer {
  const parts = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i += 2) parts[i] = 0x0a;
  const length = [];
  let rest = bytes;
  for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.of(tag, ...length, rest), parts]);
}

const requestAttacks: readonly Attack[] = [
  { name: '400 replies of 5 MB that nobody reads, held 1 s', run: (target) => leaveUnread(target, 1000) },
  { name: '400 replies of 5 MB that nobody reads, held 8 s', run: (target) => leaveUnread(target, 8000) },
  { name: '200 pictures at once', run: (target) => render(target, 200, false) },
  { name: '200 pictures at once, cancelled', run: (target) => render(target, 200, true) },
  {
    name: '300 pipelined resets of a large vector',
    run: (target) =>
      withClient(target, async (client) => {
        const sessionId = await client.make({ envId: 'Pendulum-v1', numEnvs: target.manyEnvs });
        const reset = Interact.requestSerialize({ reset: { seed: '1', seeding: 'seed' } });
        const messages = [
          Interact.requestSerialize({ attach: { sessionId } }),
          ...new Array<Buffer>(300).fill(reset),
        ];
        await client.pipeline(messages);
      }),
  },
  {
    name: '2000 undecodable messages behind pipelined resets',
    run: (target) =>
      withClient(target, async (client) => {
        const sessionId = await client.make({ envId: 'Pendulum-v1' });
        const reset = Interact.requestSerialize({ reset: {} });
        const pairs = Array.from({ length: 2000 }, () => [reset, Buffer.from('ffffff', 'hex')]).flat();
        await client.pipeline([Interact.requestSerialize({ attach: { sessionId } }), ...pairs]);
      }),
  },
  {
    name: '3 requests of 30 million empty parts',
    run: (target) =>
      withClient(target, async (client) => {
        for (const tag of [0x22, 0x2a, 0x32])
          await client.call('Reset', emptyParts(tag, 60 * mebibyte)).answer;
      }),
  },
  {
    name: '40 gzip bombs of 60 MiB',
    async run(target) {
      const bomb = gzipSync(Buffer.alloc(60 * mebibyte), { level: 9 });
      const wide = frame(frameTypes.settings, 0, 0, Buffer.from('00047fff0000', 'hex'));
      const call = open(1, 'Step', [['grpc-encoding', 'gzip']]);
      const bytes = Buffer.concat([hello, wide, call, message(1, bomb, { compressed: true, end: true })]);
      const sockets = await Promise.all(Array.from({ length: 40 }, () => dial(target)));
      for (const socket of sockets) {
        socket.resume();
        socket.write(bytes);
      }
      await sleep(4000);
      for (const socket of sockets) socket.destroy();
    },
  },
  {
    name: '50 requests of 60 MiB that never end, held 3 s',
    async run({ address }) {
      const session = connect(`http://${address}`);
      session.on('error', () => undefined);
      const most = Buffer.alloc(59 * mebibyte);
      most.writeUInt32BE(60 * mebibyte, 1);
      for (let i = 0; i < 50; i++) {
        const call = session.request({
          ':method': 'POST',
          ':path': Interact.path.replace('Interact', 'Reset'),
          'content-type': 'application/grpc',
          te: 'trailers',
        });
        call.on('error', () => undefined);
        call.write(most);
      }
      await sleep(3000);
      session.destroy();
    },
  },
];

export const attacks: readonly Attack[] = [...requestAttacks, ...connectionAttacks];
