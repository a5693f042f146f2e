import { expect, it } from 'vitest';
import type { Ending } from './line.ts';
import { RequestRoom } from './request-room.ts';

/** A call that ends when it is told to. */
class TestCall implements Ending {
  isOver = false;
  readonly #ends = new Set<() => void>();

  onEnd(callback: () => void): () => void {
    this.#ends.add(callback);
    return () => void this.#ends.delete(callback);
  }

  end(): void {
    this.isOver = true;
    for (const callback of this.#ends) callback();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('requests of all connections together wait where there is no room, and who has the least of it is next', async () => {
  const room = new RequestRoom(100);
  const [greedy, modest] = [{ requestBytes: 0 }, { requestBytes: 0 }];
  const order: string[] = [];
  const take = async (name: string, sender: typeof greedy, call = new TestCall()) => {
    const leave = await room.take(call, sender, 60);
    order.push(leave === undefined ? `${name} gave up` : name);
    return leave;
  };
  const first = await take('greedy 1', greedy);
  const gone = new TestCall();
  const second = take('greedy 2', greedy);
  void take('gone', modest, gone);
  const third = take('modest', modest);
  gone.end();
  await settled();
  expect(order).toEqual(['greedy 1', 'gone gave up']);
  const small = room.hold(greedy, 10);
  first?.();
  first?.();
  await settled();
  // The greedy one came first, and holds something.
  expect(order.slice(2)).toEqual(['modest']);
  (await third)?.();
  (await second)?.();
  small();
  expect(order.slice(2)).toEqual(['modest', 'greedy 2']);
  expect([room.bytes, greedy.requestBytes, modest.requestBytes]).toEqual([0, 0, 0]);
});

it('a request that is larger than all of the room comes in alone', async () => {
  const room = new RequestRoom(100);
  const sender = { requestBytes: 0 };
  const leave = await room.take(new TestCall(), sender, 500);
  expect(room.bytes).toBe(500);
  leave?.();
  expect(room.bytes).toBe(0);
});
