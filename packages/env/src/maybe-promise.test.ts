import { describe, expect, it } from 'vitest';
import { mapAll } from './maybe-promise.ts';

const later = <T>(value: T) => new Promise<T>((resolve) => setImmediate(() => resolve(value)));

describe('mapAll', () => {
  it('answers at once when all do, and waits for those that do not', async () => {
    expect(mapAll(3, (i) => i * i)).toEqual([0, 1, 4]);
    expect(await mapAll(3, (i) => (i === 1 ? later(i) : i))).toEqual([0, 1, 2]);
    expect(mapAll(0, (i) => i)).toEqual([]);
  });

  it('calls all, waits for all, and throws the fault of the lowest index', async () => {
    const over: number[] = [];
    const call = async (i: number) => {
      await later(i);
      over.push(i);
      if (i === 1) throw new Error('late 1');
    };
    const all = mapAll(4, (i) => {
      if (i === 2) throw new Error('early 2');
      return call(i);
    });
    await expect(all).rejects.toThrow('late 1');
    expect(over).toEqual([0, 1, 3]);
  });
});
