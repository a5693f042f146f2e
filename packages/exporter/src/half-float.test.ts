import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from './half-float.ts';

describe('half floats', () => {
  it.each<[number, number]>([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [65_519, 0x7bff],
    [65_520, 0x7c00],
    [-1e6, 0xfc00],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [3 * 2 ** -25, 0x0002],
    [2 ** -14, 0x0400],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 - 2 ** -12, 0x4000],
  ])('round %f to %i', (value, bits) => {
    expect(toHalf(Float32Array.of(value))).toEqual(Uint16Array.of(bits));
  });

  it('come back from every bit pattern', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const values = fromHalf(all);
    // One NaN for all.
    const expected = all.map((bits, i) => (Number.isNaN(values[i]) ? 0x7e00 : bits));
    expect(toHalf(values)).toEqual(expected);
    expect(values.filter((value) => Number.isNaN(value))).toHaveLength(2046);
  });
});
