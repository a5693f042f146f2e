import { describe, expect, it } from 'vitest';
import { ParameterKernels } from './parameter-kernels.ts';

/** Every remainder by four, and more than one round of four. */
const lengths = [0, 1, 2, 3, 4, 5, 11, 64];

function allocateFour(length: number, keepDenormals = false) {
  const kernels = new ParameterKernels(4 * ParameterKernels.byteLengthOf(length + 1), keepDenormals);
  // One more than is worked on: what lies behind must stay as it is.
  const guarded = () => {
    const values = kernels.allocate(length + 1);
    values[length] = 77;
    return values;
  };
  return { kernels, arrays: [guarded(), guarded(), guarded(), guarded()] as const };
}

type Four = [Float32Array, Float32Array, Float32Array, Float32Array];

function firstOf(arrays: readonly Float32Array[], length: number): Four {
  return arrays.map((values) => values.subarray(0, length)) as Four;
}

describe('ParameterKernels.adam', () => {
  it.each(lengths)(
    'is the textbook update with epsilon after the bias-corrected root: %i elements',
    (length) => {
      const { kernels, arrays } = allocateFour(length);
      const [p, m, v, g] = firstOf(arrays, length);
      const learningRate = 1e-3;
      const textbook = Array.from({ length }, (_, i) => ({ p: Math.sin(i) * 2, m: 0, v: 0 }));
      p.set(textbook.map((element) => element.p));
      for (let step = 1; step <= 20; step++) {
        textbook.forEach((element, i) => {
          // Some gradients are as small as epsilon, so that epsilon's place shows.
          const slope = Math.fround((i % 3 === 1 ? 1e-8 : 1) * Math.sin(step + i));
          g[i] = slope;
          element.m = 0.9 * element.m + 0.1 * slope;
          element.v = 0.999 * element.v + 0.001 * slope ** 2;
          const corrected = Math.sqrt(element.v / (1 - 0.999 ** step)) + 1e-8;
          element.p -= ((learningRate / (1 - 0.9 ** step)) * element.m) / corrected;
        });
        kernels.adam(p, m, v, g, learningRate, step);
      }
      textbook.forEach((element, i) => {
        expect(Math.abs(p[i] - element.p)).toBeLessThan(1e-6);
        expect(Math.abs(m[i] - element.m)).toBeLessThan(3e-7 * (i % 3 === 1 ? 1e-8 : 1));
      });
      expect(arrays.map((values) => values[length])).toEqual([77, 77, 77, 77]);
    },
  );

  it('gives an element the same bits wherever it lies', () => {
    const { kernels, arrays } = allocateFour(7);
    const [p, m, v, g] = arrays;
    p.fill(0.3);
    m.fill(0.01);
    v.fill(0.002);
    g.fill(-0.7);
    kernels.adam(...firstOf(arrays, 7), 1e-3, 3);
    for (const values of [p, m, v]) expect(new Set(values.subarray(0, 7)).size).toBe(1);
    expect(p[0]).not.toBe(Math.fround(0.3));
  });

  it.each([false, true])('sets moments that have decayed to nothing to zero, unless kept: %j', (keep) => {
    const { kernels, arrays } = allocateFour(6, keep);
    const [p, m, v, g] = arrays;
    m.fill(-1e-31);
    v.fill(1e-31);
    g.fill(0);
    m[1] = -1e-29;
    kernels.adam(...firstOf(arrays, 6), 1e-3, 3);
    const zeros = (values: Float32Array) => values.subarray(0, 6).filter((x) => x === 0).length;
    expect([zeros(m), zeros(v)]).toEqual(keep ? [0, 0] : [5, 6]);
    expect(p.subarray(0, 6).every(Number.isFinite)).toBe(true);
  });

  it('passes NaN on, which is how a run finds out that it has diverged', () => {
    const { kernels, arrays } = allocateFour(5);
    const [p, , , g] = arrays;
    g[1] = Number.NaN;
    g[4] = Number.NaN;
    kernels.adam(...firstOf(arrays, 5), 1e-3, 1);
    expect([...p.subarray(0, 5)].map(Number.isNaN)).toEqual([false, true, false, false, true]);
  });
});

describe('ParameterKernels.follow', () => {
  it.each(lengths)('moves a target by tau: %i elements', (length) => {
    const { kernels, arrays } = allocateFour(length);
    const [target, online] = firstOf(arrays, length);
    for (let i = 0; i < length; i++) {
      target[i] = i;
      online[i] = -i;
    }
    kernels.follow(target, online, 0.25);
    for (let i = 0; i < length; i++) expect(target[i]).toBe(0.75 * i - 0.25 * i);
    expect(arrays.map((values) => values[length])).toEqual([77, 77, 77, 77]);
  });
});

describe('ParameterKernels.allocate', () => {
  it('gives zeros, none of them twice, and no more than there is', () => {
    const kernels = new ParameterKernels(3 * ParameterKernels.byteLengthOf(5), false);
    const arrays = [kernels.allocate(5), kernels.allocate(5), kernels.allocate(5)];
    arrays.forEach((values, i) => values.fill(i + 1));
    expect(arrays.map((values) => [...values])).toEqual([1, 2, 3].map((x) => [x, x, x, x, x]));
    expect(() => kernels.allocate(100_000)).toThrow(RangeError);
  });
});
