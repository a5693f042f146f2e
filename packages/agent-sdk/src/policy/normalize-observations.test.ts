import { describe, expect, it } from 'vitest';
import { normalizeObservations } from './normalize-observations.ts';

describe('normalizeObservations', () => {
  const normalizer = { mean: Float32Array.of(0.1, -2), scale: Float32Array.of(3, 0.5), clip: 10 };

  it('shifts, scales and clips each number of each row, in float32, also in place', () => {
    const rows = Float32Array.of(0.3, -2, 100, 3, -100, -7.01);
    const out = new Float32Array(6);
    normalizeObservations(rows, normalizer, out);
    const first = Math.fround(Math.fround(Math.fround(0.3) - Math.fround(0.1)) / 3);
    const third = Math.fround(Math.fround(100 - Math.fround(0.1)) / 3);
    expect(third).toBeGreaterThan(10);
    expect([...out]).toEqual([first, 0, 10, 10, -10, -10]);
    normalizeObservations(rows, normalizer, rows);
    expect(rows).toEqual(out);
  });

  it('refuses arrays that are no rows of its size', () => {
    const mismatch = expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error;
    expect(() => normalizeObservations(new Float32Array(3), normalizer, new Float32Array(3))).toThrow(
      mismatch,
    );
    expect(() => normalizeObservations(new Float32Array(4), normalizer, new Float32Array(2))).toThrow(
      mismatch,
    );
  });
});
