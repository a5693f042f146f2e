import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { createExchangeMemory, failExchange, RowExchange } from './row-exchange.ts';

describe('RowExchange', () => {
  it('gives each thread the row of the other, round by round', async () => {
    const memory = createExchangeMemory(2);
    const rounds = 50;
    // The other thread speaks the protocol in a few lines of its own: a number handed in, a number waited for.
    const worker = new Worker(
      `const { workerData: { control, places }, parentPort } = require('node:worker_threads');
       const numbers = new Int32Array(control);
       const seen = [];
       for (let round = 1; round <= ${rounds}; round++) {
         new Float32Array(places[1][(round - 1) % 2]).fill(-round);
         Atomics.store(numbers, 1, round);
         Atomics.notify(numbers, 1);
         while (Atomics.load(numbers, 0) < round) Atomics.wait(numbers, 0, round - 1, 1000);
         seen.push(new Float32Array(places[0][(round - 1) % 2])[1]);
       }
       parentPort.postMessage(seen);`,
      { eval: true, workerData: memory },
    );
    const exchange = new RowExchange(memory, 0);
    const out = new Float32Array(2);
    const seen: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      exchange.swap(Float32Array.of(0, 10 * round), out);
      seen.push(out[0]);
    }
    const [theirs] = (await once(worker, 'message')) as [number[]];
    const numbers = Array.from({ length: rounds }, (_, i) => i + 1);
    expect(seen).toEqual(numbers.map((round) => -round));
    expect(theirs).toEqual(numbers.map((round) => 10 * round));
  });

  it('does not wait for a thread that has failed', () => {
    const memory = createExchangeMemory(1);
    failExchange(memory);
    const exchange = new RowExchange(memory, 1);
    expect(() => exchange.swap(new Float32Array(1), new Float32Array(1))).toThrow(
      expect.objectContaining({ code: 'TRAINING_FAILED' }),
    );
  });
});
