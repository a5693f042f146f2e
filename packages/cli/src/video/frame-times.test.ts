import { describe, expect, it } from 'vitest';
import { frameTimes } from './frame-times.ts';

describe('frameTimes', () => {
  it.each([
    [20, 1, 20],
    [30, 1, 30],
    [50, 2, 25],
    [67, 3, 67 / 3],
    [125, 5, 25],
    [0.5, 1, 0.5],
    [undefined, 1, 30],
    [0, 1, 30],
  ])(
    'shows an environment of %s steps a second with a frame every %s',
    (renderFps, stride, framesPerSecond) => {
      const times = frameTimes(renderFps, 30);
      expect([times.stride, times.framesPerSecond]).toEqual([stride, framesPerSecond]);
    },
  );

  it.each([
    [15, undefined, 2, 10],
    [15, 1, 1, 20],
    [15, 40, 40, 0.5],
  ])(
    'shows one of 20 steps a second at %s frames a second, or every %s',
    (most, every, stride, framesPerSecond) => {
      const times = frameTimes(20, most, every);
      expect([times.stride, times.framesPerSecond]).toEqual([stride, framesPerSecond]);
      expect(times.endMs(stride, false)).toBe(2 * stride * 50);
    },
  );

  it('takes as long as the episode did, and stays on its end', () => {
    const times = frameTimes(125, 30);
    expect(times.endMs(0, false)).toBe(40);
    expect(times.endMs(995, false)).toBe(8_000);
    expect(times.endMs(1_000, true)).toBe(9_000);
    // An end between two frames comes after the frame before, too.
    expect(times.endMs(996, true)).toBeGreaterThan(times.endMs(995, false));
  });
});
