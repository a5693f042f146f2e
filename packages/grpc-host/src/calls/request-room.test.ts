import { expect, it, onTestFinished, vi } from 'vitest';
import { type Held, type Holder, RequestRoom, type Sender } from './request-room.ts';

function call(room: RequestRoom, sender: Sender, name: string, given: string[] = []): Held {
  const holder: Holder = {
    sender,
    isOver: false,
    giveUp() {
      given.push(name);
      held.end();
    },
  };
  const held = room.open(holder);
  return held;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('what comes waits where there is no room, and whose sender has the least of it is next', async () => {
  const room = new RequestRoom(100);
  const [greedy, modest] = [{ requestBytes: 0 }, { requestBytes: 0 }];
  const order: string[] = [];
  const add = async (held: Held, bytes: number, name: string) => {
    order.push((await held.add(bytes)) ? name : `${name} ended`);
  };
  const first = call(room, greedy, 'first');
  await add(first, 60, 'greedy 1');
  const gone = call(room, modest, 'gone');
  const second = call(room, greedy, 'second');
  void add(second, 60, 'greedy 2');
  void add(gone, 60, 'gone');
  const third = call(room, modest, 'third');
  void add(third, 60, 'modest');
  gone.end();
  await settled();
  expect(order).toEqual(['greedy 1', 'gone ended']);
  first.keep(10);
  await settled();
  // The greedy one came first, and holds something.
  expect(order.slice(2)).toEqual(['modest']);
  first.end();
  third.end();
  await settled();
  expect(order.slice(3)).toEqual(['greedy 2']);
  expect([room.bytes, greedy.requestBytes, modest.requestBytes]).toEqual([60, 60, 0]);
});

it('a request that is larger than all of the room comes in alone', async () => {
  const room = new RequestRoom(100);
  const held = call(room, { requestBytes: 0 }, 'large');
  expect([await held.add(80), await held.add(80), await held.add(80)]).toEqual([true, true, true]);
  expect(room.bytes).toBe(240);
  held.end();
  expect(room.bytes).toBe(0);
});

it('who has most and stands still gives its room to those who wait; who goes on, and what is being dealt with, does not', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const room = new RequestRoom(200_000, 1000);
  const given: string[] = [];
  const names = ['still', 'stiller', 'busy', 'dealt with'];
  const [still, stiller, busy, whole] = names.map((name) => call(room, { requestBytes: 0 }, name, given));
  still?.tryAdd(20_000);
  stiller?.tryAdd(80_000);
  busy?.tryAdd(60_000);
  whole?.tryAdd(40_000);
  if (whole !== undefined) whole.isArriving = false;
  let isIn = false;
  void call(room, { requestBytes: 0 }, 'waiting', given)
    .add(50_000)
    .then((came) => (isIn = came));
  // What came before anybody waited is progress too.
  await vi.advanceTimersByTimeAsync(1000);
  expect([given, isIn]).toEqual([[], false]);
  busy?.enter(20_000);
  await vi.advanceTimersByTimeAsync(1000);
  expect([given, isIn]).toEqual([['stiller'], true]);
});

it('a call that ends while it waits for more gives all back, and is not let in by its own end', async () => {
  const room = new RequestRoom(100);
  const sender = { requestBytes: 0 };
  const [held, other] = [call(room, sender, 'held'), call(room, { requestBytes: 0 }, 'other')];
  await held.add(60);
  await other.add(30);
  const isIn = held.add(50);
  held.end();
  expect(await isIn).toBe(false);
  expect([room.bytes, sender.requestBytes, held.bytes]).toEqual([30, 0, 0]);
});

it('what is unpacked when its call has ended takes no room', async () => {
  const room = new RequestRoom(100);
  const sender = { requestBytes: 0 };
  const held = call(room, sender, 'held');
  await held.add(10);
  held.end();
  held.atLeast(60);
  expect([held.tryAdd(20), await held.add(20)]).toEqual([false, false]);
  held.enter(20);
  expect([room.bytes, sender.requestBytes, held.bytes]).toEqual([0, 0, 0]);
});
