/** Connections that are not what they seem. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandomGenerator } from '@gymwire/env-server';
import type { Attack } from './attack.ts';
import {
  dial,
  endHeaders,
  frame,
  frameTypes,
  headerBlock,
  hello,
  hitAndRun,
  open,
  preface,
} from './raw-http2.ts';

type Random = ReturnType<typeof createRandomGenerator>;

function randomBytes(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = random.integers(0, 256);
  return bytes;
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.integers(0, choices.length)];
}

function garbage(random: Random): Buffer {
  return pick(random, [
    () => randomBytes(random, pick(random, [1, 10, 24, 100, 2000])),
    () => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    () => preface.subarray(0, random.integers(0, 24)),
    () => Buffer.concat([Buffer.from('1603010200', 'hex'), randomBytes(random, 512)]),
  ])();
}

/** A call, and then frames of any type, with any flags, on any stream. */
function fuzz(random: Random): Buffer {
  const frames = [hello, open(1, pick(random, ['Interact', 'Step', 'Handshake', 'Nothing']))];
  for (let left = random.integers(1, 12); left > 0; left--) {
    const payload = randomBytes(random, pick(random, [0, 1, 4, 5, 8, 8, 100, 5000]));
    const stream = pick(random, [0, 1, 1, 1, 3, 2, 2 ** 31 - 1]);
    frames.push(frame(random.integers(0, 12), random.integers(0, 256), stream, payload));
  }
  const bytes = Buffer.concat(frames);
  return random.random() < 0.3 ? bytes.subarray(0, random.integers(0, bytes.length)) : bytes;
}

const manyPings = Buffer.concat(
  new Array<Buffer>(100).fill(frame(frameTypes.ping, 0, 0, Buffer.from('12345678'))),
);

export const connectionAttacks: readonly Attack[] = [
  {
    name: '2000 connections of garbage',
    async run(target) {
      const random = createRandomGenerator(9);
      for (let i = 0; i < 2000; i++) await hitAndRun(target, garbage(random));
    },
  },
  {
    name: '1000 connections of random HTTP/2 frames',
    async run(target) {
      const random = createRandomGenerator(9);
      for (let i = 0; i < 1000; i++) await hitAndRun(target, fuzz(random), 2);
    },
  },
  {
    name: '600 connections that stop half-way, held 4 s',
    async run(target) {
      const beginnings = [preface.subarray(0, 10), hello, Buffer.concat([hello, open(1, 'Interact')])];
      const sockets = [];
      for (let i = 0; i < 600; i++) {
        const socket = await dial(target);
        socket.write(beginnings[i % 3]);
        sockets.push(socket);
      }
      await sleep(4000);
      for (const socket of sockets) socket.destroy();
    },
  },
  {
    name: '20 connections of 5000 calls that are reset at once',
    async run(target) {
      const cancel = Buffer.of(0, 0, 0, 8);
      const calls = Array.from({ length: 5000 }, (_, i) =>
        Buffer.concat([open(1 + 2 * i, 'ListEnvs'), frame(frameTypes.reset, 0, 1 + 2 * i, cancel)]),
      );
      const bytes = Buffer.concat([hello, ...calls]);
      for (let i = 0; i < 20; i++) await hitAndRun(target, bytes, 100);
    },
  },
  {
    name: '20 calls of 20 000 headers',
    async run(target) {
      const block = headerBlock('ListEnvs');
      const more = Array.from({ length: 20_000 }, (_, i) => {
        const name = `a${String(i % 100).padStart(2, '0')}`;
        const header = Buffer.concat([
          Buffer.of(0, 3),
          Buffer.from(name),
          Buffer.of(16),
          Buffer.alloc(16, 'x'),
        ]);
        return frame(frameTypes.continuation, 0, 1, header);
      });
      const bytes = Buffer.concat([hello, frame(frameTypes.headers, 0, 1, block), ...more]);
      for (let i = 0; i < 20; i++) await hitAndRun(target, bytes, 50);
    },
  },
  {
    name: 'a million pings',
    async run(target) {
      const socket = await dial(target);
      socket.write(hello);
      for (let sent = 0; sent < 1e6 && !socket.destroyed; sent += 100) {
        if (!socket.write(manyPings)) await sleep(0);
      }
      socket.destroy();
    },
  },
  {
    name: '200 calls of large headers',
    async run(target) {
      const extra = Array.from({ length: 16 }, (_, i) => [`x-${i}`, 'y'.repeat(1000)] as const);
      const block = headerBlock('ListEnvs', extra).subarray(0, 16_384);
      const bytes = Buffer.concat([hello, frame(frameTypes.headers, endHeaders | 1, 1, block)]);
      for (let i = 0; i < 200; i++) await hitAndRun(target, bytes, 5);
    },
  },
];
