import { describe, expect, it } from 'vitest';
import { createRandomStream, RandomStream } from './random-stream.ts';

const draws = 200_000;

function moments(values: Float64Array): {
  mean: number;
  variance: number;
  skewness: number;
  kurtosis: number;
} {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const central = (power: number) => values.reduce((sum, x) => sum + (x - mean) ** power, 0) / values.length;
  const variance = central(2);
  return { mean, variance, skewness: central(3) / variance ** 1.5, kurtosis: central(4) / variance ** 2 };
}

function chiSquare(counts: readonly number[], total: number): number {
  const expected = total / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('RandomStream', () => {
  it("gives xoshiro128**'s published sequence from the state 1, 2, 3, 4", () => {
    // First outputs of Blackman and Vigna's C code (xoshiro128starstar.c 1.1) for s = {1, 2, 3, 4}.
    const stream = new RandomStream({ algorithm: 'xoshiro128**', words: [1, 2, 3, 4], spareNormal: null });
    const expected = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849];
    expect(expected.map(() => stream.uint32())).toEqual(expected);
  });

  it('draws uniforms in [0, 1) with the moments of the uniform distribution', () => {
    const stream = createRandomStream(1, 'uniform');
    const values = Float64Array.from({ length: draws }, () => stream.uniform());
    expect(values.every((x) => x >= 0 && x < 1)).toBe(true);
    const { mean, variance } = moments(values);
    // Five standard errors: sd 0.2887 / sqrt(200 000) = 6.5e-4; of the variance 1.7e-4.
    expect(Math.abs(mean - 0.5)).toBeLessThan(3.3e-3);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(8.4e-4);
  });

  it.each([1, 2, 7, 97, 100])('draws integers below %i evenly', (n) => {
    const stream = createRandomStream(2, 'integer');
    const counts = new Array<number>(n).fill(0);
    for (let i = 0; i < draws; i++) counts[stream.integer(n)] += 1;
    expect(counts).toHaveLength(n);
    // Mean n − 1, variance 2 (n − 1): four standard deviations above.
    expect(chiSquare(counts, draws)).toBeLessThanOrEqual(n - 1 + 4 * Math.sqrt(2 * (n - 1)) + 3);
  });

  it('reaches every bit of a 32-bit integer', () => {
    const stream = createRandomStream(3, 'bits');
    const ones = new Array<number>(32).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const word = stream.integer(0x100000000);
      for (let bit = 0; bit < 32; bit++) ones[bit] += (word >>> bit) & 1;
    }
    for (const count of ones) expect(Math.abs(count - 10_000)).toBeLessThan(5 * 70.7);
  });

  it('draws standard normals: moments and tails', () => {
    const stream = createRandomStream(4, 'normal');
    const values = Float64Array.from({ length: draws }, () => stream.standardNormal());
    const { mean, variance, skewness, kurtosis } = moments(values);
    // Standard errors: 1/√n, √(2/n), √(6/n), √(24/n); five of each.
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(1 / draws));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / draws));
    expect(Math.abs(skewness)).toBeLessThan(5 * Math.sqrt(6 / draws));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(5 * Math.sqrt(24 / draws));
    const beyondTwo = values.filter((x) => Math.abs(x) > 2).length / draws;
    expect(Math.abs(beyondTwo - 0.0455)).toBeLessThan(5 * Math.sqrt((0.0455 * 0.9545) / draws));
  });

  it('has no correlation between neighbours, nor within a pair of normals', () => {
    const stream = createRandomStream(5, 'lag');
    const values = Float64Array.from({ length: draws }, () => stream.standardNormal());
    for (const lag of [1, 2, 3]) {
      let sum = 0;
      for (let i = lag; i < draws; i++) sum += values[i] * values[i - lag];
      expect(Math.abs(sum / draws)).toBeLessThan(5 / Math.sqrt(draws));
    }
  });

  it('fills an array with the same draws as single calls', () => {
    const single = createRandomStream(6, 'fill');
    const filled = new Float32Array(101);
    createRandomStream(6, 'fill').fillStandardNormal(filled);
    expect(filled).toEqual(Float32Array.from({ length: 101 }, () => single.standardNormal()));
  });

  it('keeps named streams and seeds apart', () => {
    const streams = [
      createRandomStream(7, 'exploration'),
      createRandomStream(7, 'target-noise'),
      createRandomStream(8, 'exploration'),
      createRandomStream(70, '7/exploration'),
    ];
    const series = streams.map((stream) =>
      Float64Array.from({ length: 50_000 }, () => stream.standardNormal()),
    );
    for (let i = 0; i < series.length; i++) {
      for (let j = 0; j < i; j++) {
        const correlation = series[i].reduce((sum, x, k) => sum + x * series[j][k], 0) / 50_000;
        expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(50_000));
      }
    }
  });

  it('gives the same stream for the same seed and name', () => {
    const first = createRandomStream(9, 'batch');
    const second = createRandomStream(9, 'batch');
    for (let i = 0; i < 100; i++) expect(first.uint32()).toBe(second.uint32());
  });

  it('goes on from a state that went through JSON, also in the middle of a pair of normals', () => {
    const stream = createRandomStream(10, 'state');
    stream.standardNormal();
    const restored = new RandomStream(JSON.parse(JSON.stringify(stream.exportState())));
    for (let i = 0; i < 1000; i++) expect(restored.standardNormal()).toBe(stream.standardNormal());
    expect(restored.exportState()).toEqual(stream.exportState());
  });

  it('refuses bad seeds, ranges and states', () => {
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => createRandomStream(seed, 'x')).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      );
    }
    const stream = createRandomStream(0, 'x');
    for (const n of [0, -1, 1.5, 2 ** 32 + 1]) {
      expect(() => stream.integer(n)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    }
    for (const words of [
      [0, 0, 0, 0],
      [1, 2, 3],
      [1, 2, 3, 2 ** 32],
      [1, 2, 3, -1],
    ]) {
      const state = { algorithm: 'xoshiro128**', words, spareNormal: null } as const;
      expect(() => stream.importState(state)).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }));
    }
  });
});
