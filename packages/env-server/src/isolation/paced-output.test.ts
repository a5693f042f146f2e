import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readPaced } from './paced-output.ts';

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

it('a process that prints without end is read in between of what else the server does', async () => {
  const chunk = Buffer.alloc(16 * 1024);
  let left = 32;
  const flood = new Readable({ read: () => void flood.push(left-- > 0 ? chunk : null) });
  const pauses: Array<() => void> = [];
  let bytes = 0;
  const finish = readPaced(
    flood,
    (data) => (bytes += data.length),
    (callback) => pauses.push(callback),
  );
  for (let pause = 1; pause <= 3; pause++) {
    await settled();
    expect([pauses.length, bytes]).toEqual([pause, pause * 64 * 1024]);
    pauses[pause - 1]?.();
  }
  await settled();
  // What is left when it has ended is read at once.
  finish();
  await expect.poll(() => bytes).toBe(32 * chunk.length);
});
