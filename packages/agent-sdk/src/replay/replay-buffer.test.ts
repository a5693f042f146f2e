import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../random/random-stream.ts';
import { createBatch } from './batch.ts';
import { ReplayBuffer, type ReplayBufferOptions, replayByteLength } from './replay-buffer.ts';

const small: ReplayBufferOptions = { observationSize: 3, actionSize: 2, capacity: 5 };

/** Transition k has k in every value, so that a row tells which one it is. */
function fill(buffer: ReplayBuffer, from: number, to: number): void {
  for (let k = from; k < to; k++) {
    buffer.add([k, k + 0.25, k + 0.5], [k / 100, -k / 100], -k, [k + 1, k + 1.25, k + 1.5], k % 3 === 0);
  }
}

describe('ReplayBuffer', () => {
  it('announces its size, and holds a million transitions by default', () => {
    // HalfCheetah: 17 observations, 6 actions.
    expect(replayByteLength({ observationSize: 17, actionSize: 6 })).toBe(168_000_000);
    const buffer = new ReplayBuffer({ observationSize: 1, actionSize: 1 });
    expect([buffer.capacity, buffer.size, buffer.byteLength]).toEqual([1_000_000, 0, 20_000_000]);
  });

  it.each([false, true])('keeps the newest transitions when it wraps around (shared: %s)', (shared) => {
    const buffer = new ReplayBuffer({ ...small, shared });
    fill(buffer, 0, 3);
    expect(buffer.size).toBe(3);
    fill(buffer, 3, 7);
    const state = buffer.exportState();
    expect([state.size, state.cursor, state.capacity]).toEqual([5, 2, 5]);
    expect([...state.reward]).toEqual([-5, -6, -2, -3, -4]);
    expect([...state.terminated]).toEqual([0, 1, 0, 1, 0]);
    expect([...state.observation.subarray(0, 3)]).toEqual([5, 5.25, 5.5]);
    expect([...state.nextObservation.subarray(6, 9)]).toEqual([3, 3.25, 3.5]);
    expect([...state.action.subarray(2, 4)]).toEqual([Math.fround(0.06), Math.fround(-0.06)]);
    expect(state.reward.buffer instanceof SharedArrayBuffer).toBe(shared);
  });

  it('samples whole rows, every one equally often', () => {
    const buffer = new ReplayBuffer(small);
    fill(buffer, 0, 8);
    const batch = createBatch(50, 3, 2);
    const stream = createRandomStream(0, 'batch');
    const counts = new Map<number, number>();
    for (let round = 0; round < 100; round++) {
      buffer.sample(batch, stream);
      for (let row = 0; row < batch.size; row++) {
        const k = batch.observation[3 * row];
        expect(batch.observation[3 * row + 2]).toBe(k + 0.5);
        expect(batch.action[2 * row + 1]).toBe(Math.fround(-k / 100));
        expect(batch.reward[row]).toBe(-k);
        expect(batch.nextObservation[3 * row + 1]).toBe(k + 1.25);
        expect(batch.terminated[row]).toBe(k % 3 === 0 ? 1 : 0);
        counts.set(k, (counts.get(k) ?? 0) + 1);
      }
    }
    // 5 000 draws over the five newest: 1 000 each, standard deviation 28.
    expect(new Set(counts.keys())).toEqual(new Set([3, 4, 5, 6, 7]));
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * 28);
  });

  it('samples only what was stored before it is full', () => {
    const buffer = new ReplayBuffer(small);
    fill(buffer, 1, 3);
    const batch = createBatch(64, 3, 2);
    buffer.sample(batch, createRandomStream(1, 'batch'));
    expect(new Set(batch.reward)).toEqual(new Set([-1, -2]));
  });

  it('rounds to float32 once', () => {
    const buffer = new ReplayBuffer(small);
    buffer.add([0.1, 0.2, 0.3], [0.4, 0.5], 0.6, [0.7, 0.8, 0.9], false);
    expect(buffer.exportState().observation).toEqual(Float32Array.of(0.1, 0.2, 0.3));
    expect(buffer.exportState().reward[0]).toBe(Math.fround(0.6));
  });

  it('refuses values that are not finite as float32, says where, and stores nothing', () => {
    const buffer = new ReplayBuffer(small);
    fill(buffer, 1, 2);
    const before = structuredClone(buffer.exportState());
    const refused = (message: string) => expect.objectContaining({ code: 'NON_FINITE_VALUE', message });
    expect(() => buffer.add([0, Number.NaN, 0], [0, 0], 0, [0, 0, 0], false)).toThrow(
      refused('observation[1]: expected a finite float32, got NaN'),
    );
    expect(() => buffer.add([0, 0, 0], [0, -Infinity], 0, [0, 0, 0], false)).toThrow(
      refused('action[1]: expected a finite float32, got -Infinity'),
    );
    expect(() => buffer.add([0, 0, 0], [0, 0], Number.NaN, [0, 0, 0], false)).toThrow(
      refused('reward[0]: expected a finite float32, got NaN'),
    );
    expect(() => buffer.add([0, 0, 0], [0, 0], 0, [0, 0, 1e39], false)).toThrow(
      refused('nextObservation[2]: expected a finite float32, got 1e+39'),
    );
    expect(buffer.exportState()).toEqual(before);
  });

  it('refuses wrong sizes', () => {
    const buffer = new ReplayBuffer(small);
    const mismatch = expect.objectContaining({ code: 'SHAPE_MISMATCH' });
    expect(() => buffer.add([0, 0], [0, 0], 0, [0, 0, 0], false)).toThrow(mismatch);
    expect(() => buffer.sample(createBatch(4, 3, 2), createRandomStream(0, 'batch'))).toThrow(
      expect.objectContaining({ code: 'REPLAY_EMPTY' }),
    );
    fill(buffer, 0, 1);
    expect(() => buffer.sample(createBatch(4, 3, 1), createRandomStream(0, 'batch'))).toThrow(mismatch);
    for (const capacity of [0, -1, 1.5, Number.NaN]) {
      expect(() => new ReplayBuffer({ ...small, capacity })).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      );
    }
    expect(() => new ReplayBuffer({ ...small, capacity: 2 ** 50 })).toThrow(/GB/);
  });

  it('takes memory for the transitions that are expected, and gives the bits of one that was large from the start', () => {
    const large = new ReplayBuffer({ ...small, capacity: 9 });
    const fitting = new ReplayBuffer({ ...small, capacity: 9, expected: 2 });
    expect([fitting.capacity, fitting.byteLength, large.byteLength]).toEqual([9, 2 * 40, 9 * 40]);
    // Beyond what was expected, to the capacity, and round.
    for (const [from, to] of [
      [0, 2],
      [2, 5],
      [5, 9],
      [9, 12],
    ] as const) {
      fill(large, from, to);
      fill(fitting, from, to);
      expect(fitting.exportState()).toEqual(large.exportState());
      const [batch, same] = [createBatch(16, 3, 2), createBatch(16, 3, 2)];
      large.sample(batch, createRandomStream(to, 'batch'));
      fitting.sample(same, createRandomStream(to, 'batch'));
      expect(same).toEqual(batch);
    }
    expect(fitting.byteLength).toBe(large.byteLength);
    expect(replayByteLength({ ...small, capacity: 9, expected: 20 })).toBe(9 * 40);
  });

  it('takes over more than was expected', () => {
    const buffer = new ReplayBuffer({ ...small, expected: 4 });
    fill(buffer, 0, 4);
    const restored = new ReplayBuffer({ ...small, expected: 1 });
    expect(restored.columnView('observation', 12)).toBeUndefined();
    restored.importState(structuredClone(buffer.exportState()));
    fill(buffer, 4, 7);
    fill(restored, 4, 7);
    expect(restored.exportState()).toEqual(buffer.exportState());
  });

  it('knows its largest reward', () => {
    const buffer = new ReplayBuffer(small);
    expect(buffer.largestReward()).toBe(0);
    fill(buffer, 2, 4);
    expect(buffer.largestReward()).toBe(3);
  });

  it.each([3, 5, 8])('goes on from an exported state after %i transitions', (count) => {
    const buffer = new ReplayBuffer(small);
    fill(buffer, 0, count);
    const restored = new ReplayBuffer(small);
    fill(restored, 50, 53);
    restored.importState(structuredClone(buffer.exportState()));
    expect(restored.exportState()).toEqual(buffer.exportState());
    fill(buffer, count, count + 4);
    fill(restored, count, count + 4);
    expect(restored.exportState()).toEqual(buffer.exportState());
  });

  it('refuses states of another buffer', () => {
    const buffer = new ReplayBuffer(small);
    fill(buffer, 0, 3);
    const state = buffer.exportState();
    const refused = expect.objectContaining({ code: 'INVALID_STATE' });
    expect(() => new ReplayBuffer({ ...small, capacity: 6 }).importState(state)).toThrow(refused);
    expect(() => new ReplayBuffer({ ...small, actionSize: 1 }).importState(state)).toThrow(refused);
    for (const bad of [{ size: 4 }, { cursor: 2 }, { cursor: -1 }, { size: 6 }, { size: 5, cursor: 5 }]) {
      expect(() => new ReplayBuffer(small).importState({ ...state, ...bad })).toThrow(refused);
    }
  });
});
