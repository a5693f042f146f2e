import { describe, expect, it } from 'vitest';
import { weightedSquares32, weightedSquares64 } from './numpy.ts';

describe('weighted sums of squares, in the order and precision of NumPy 2.4', () => {
  const tenths = (count: number) =>
    Float32Array.from({ length: count }, (_, i) => (i + 1) * Math.fround(0.1));

  it.each([
    [3, 0.01400000136345625],
    [7, 0.14000000059604645],
    [8, 0.20399999618530273],
    [13, 0.8190000653266907],
  ])('of %i float32 elements', (count, expected) => {
    expect(weightedSquares32(0.1, tenths(count))).toBe(expected);
  });

  it('of 84 float64 elements', () => {
    const forces = Float64Array.from({ length: 84 }, (_, i) => 30 * Math.sin(i));
    expect(weightedSquares64(5e-7, forces)).toBe(0.01885107842039593);
  });

  it('refuses what NumPy would split', () => {
    expect(() => weightedSquares64(1, new Float64Array(129))).toThrow(RangeError);
  });
});
