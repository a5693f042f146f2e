import { describe, expect, it } from 'vitest';
import { type Ending, Places } from './line.ts';
import { ReplyRoom } from './reply-room.ts';

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

describe('places', () => {
  it('go to those who came first, and to nobody who has given up', async () => {
    const places = new Places(1);
    const calls = [0, 1, 2, 3].map(() => new TestCall());
    const order: number[] = [];
    const taken = calls.map(async (call, i) => {
      const leave = await places.take(call);
      if (leave !== undefined) order.push(i);
      return leave;
    });
    const first = await taken[0];
    expect(places.waiting).toBe(3);
    calls[1]?.end();
    expect(await taken[1]).toBeUndefined();
    expect(places.waiting).toBe(2);
    first?.();
    first?.();
    (await taken[2])?.();
    (await taken[3])?.();
    expect(order).toEqual([0, 2, 3]);
    expect(await places.take(new TestCall())).toBeInstanceOf(Function);
    expect(places.waiting).toBe(0);
  });
});

describe('room for replies', () => {
  const reader = () => ({ unreadBytes: 0 });

  it('is one connection’s until it has read, and as much as all may hold together', () => {
    const room = new ReplyRoom(100, 150);
    const [a, b, c] = [reader(), reader(), reader()];
    const readA = room.hold(a, 60);
    expect(room.hasRoom(a)).toBe(true);
    const readMore = room.hold(a, 60);
    expect(room.hasRoom(a)).toBe(false);
    expect(room.hasRoom(b)).toBe(true);
    room.hold(b, 40);
    expect(room.unreadBytes).toBe(160);
    expect(room.hasRoom(b)).toBe(false);
    // Whoever reads is not hurt by those who do not.
    expect(room.hasRoom(c)).toBe(true);
    readA();
    readA();
    expect([room.unreadBytes, room.hasRoom(a), room.hasRoom(b)]).toEqual([100, true, true]);
    readMore();
    expect(room.unreadBytes).toBe(40);
  });

  it('is waited for, in line, and not after a call has ended', async () => {
    const room = new ReplyRoom(100, 1000);
    const one = reader();
    const read = room.hold(one, 200);
    const [gone, patient] = [new TestCall(), new TestCall()];
    const waits = [room.wait(one, gone), room.wait(one, patient)];
    gone.end();
    expect(await waits[0]).toBe(false);
    read();
    expect(await waits[1]).toBe(true);
  });
});
