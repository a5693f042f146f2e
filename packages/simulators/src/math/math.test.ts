import { readFileSync } from 'node:fs';
import { createRandomGenerator } from '@gymwire/env';
import { describe, expect, it } from 'vitest';
import { fma } from './fma.ts';
import { cos, sin } from './sin-cos.ts';
import { square } from './square.ts';
import { square32 } from './square32.ts';

type Intervals = ReadonlyArray<readonly [low: number, high: number, count: number]>;

interface Golden {
  readonly seed: string;
  readonly sinCos: { readonly intervals: Intervals; readonly sin: string; readonly cos: string };
  readonly square: { readonly intervals: Intervals; readonly values: string };
  readonly square32: { readonly intervals: Intervals; readonly values: string };
}

const path = new URL('../../../../test/golden/gymnasium/math.json', import.meta.url);
const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
const random = createRandomGenerator(BigInt(golden.seed));

function draw(intervals: Intervals): number[] {
  return intervals.flatMap(([low, high, count]) =>
    Array.from({ length: count }, () => random.uniform(low, high)),
  );
}

const angles = draw(golden.sinCos.intervals);
const bases = draw(golden.square.intervals);
const bases32 = draw(golden.square32.intervals).map(Math.fround);

function decode(base64: string, bytes: 4 | 8): number[] {
  const buffer = Buffer.from(base64, 'base64');
  return Array.from({ length: buffer.length / bytes }, (_, i) =>
    bytes === 8 ? buffer.readDoubleLE(8 * i) : buffer.readFloatLE(4 * i),
  );
}

/** The arguments at which f is not NumPy's value. */
function mismatches(f: (x: number) => number, args: readonly number[], values: readonly number[]): number[] {
  expect(values.length).toBe(args.length);
  return args.filter((x, i) => !Object.is(f(x), values[i]));
}

describe('against NumPy (glibc, fused multiply-add)', () => {
  it('sin and cos agree in 10 000 points, where Math.sin does not', () => {
    const sines = decode(golden.sinCos.sin, 8);
    expect(angles.length).toBe(10_000);
    expect(mismatches(sin, angles, sines)).toEqual([]);
    expect(mismatches(cos, angles, decode(golden.sinCos.cos, 8))).toEqual([]);
    expect(mismatches(Math.sin, angles, sines).length).toBeGreaterThan(0);
  });

  it('square agrees, where x * x does not', () => {
    const values = decode(golden.square.values, 8);
    expect(mismatches(square, bases, values)).toEqual([]);
    expect(mismatches((x) => x * x, bases, values).length).toBeGreaterThan(0);
  });

  it('square32 agrees, where x * x does not', () => {
    const values = decode(golden.square32.values, 4);
    expect(mismatches(square32, bases32, values)).toEqual([]);
    expect(mismatches((x) => Math.fround(x * x), bases32, values).length).toBeGreaterThan(0);
  });
});

describe('special arguments', () => {
  it('sin is odd, cos is even, and both are exact at 0', () => {
    for (const x of [1e-9, 0.1, 0.5, 1.5, 2.5, 30, 1e7]) {
      expect(sin(-x)).toBe(-sin(x));
      expect(cos(-x)).toBe(cos(x));
    }
    expect(sin(0)).toBe(0);
    expect(sin(-0)).toBe(-0);
    expect(cos(0)).toBe(1);
  });

  it('beyond the reduction and for non-finite arguments they are Math.sin and Math.cos', () => {
    expect(sin(1e300)).toBe(Math.sin(1e300));
    expect(cos(-1e300)).toBe(Math.cos(-1e300));
    expect(sin(Number.POSITIVE_INFINITY)).toBeNaN();
    expect(cos(Number.NaN)).toBeNaN();
  });

  it('squares of 0, 1, powers of two and extremes', () => {
    expect(square(0)).toBe(0);
    expect(square(-1)).toBe(1);
    expect(square(2 ** -50)).toBe(2 ** -100);
    expect(square(1e200)).toBe(Number.POSITIVE_INFINITY);
    expect(square(Number.NaN)).toBeNaN();
    expect(square32(-2)).toBe(4);
    expect(square32(0)).toBe(0);
    expect(square32(1e-30)).toBe(0);
  });
});

describe('fma', () => {
  it('rounds once', () => {
    const epsilon = 2 ** -52;
    // (1 + e)^2 - 1 = 2 e + e^2, whose last term a rounded product loses.
    expect(fma(1 + epsilon, 1 + epsilon, -1)).toBe(2 * epsilon + epsilon * epsilon);
    expect((1 + epsilon) * (1 + epsilon) - 1).toBe(2 * epsilon);
  });

  it('decides ties by what lies far below', () => {
    const tie = 1 + 2 ** -53;
    expect(tie).toBe(1);
    expect(fma(2 ** -53, 1, 1)).toBe(1);
    expect(fma(2 ** -53, 1 + 2 ** -52, 1)).toBe(1 + 2 ** -52);
    expect(fma(-(2 ** -54), 1 + 2 ** -52, 1)).toBe(1 - 2 ** -53);
    expect(fma(-(2 ** -54), 1, 1)).toBe(1);
  });

  it('equals exact rational arithmetic on random operands', () => {
    const draws = createRandomGenerator(9);
    const operand = () => draws.uniform(-1, 1) * 2 ** draws.integers(-40, 40);
    for (let i = 0; i < 2000; i++) {
      const [a, b, c] = [operand(), operand(), operand()];
      expect(fma(a, b, c)).toBe(exactFma(a, b, c));
    }
  });
});

/** By integers: each operand is a multiple of 2^-300, and Number() of a BigInt rounds to nearest. */
function exactFma(a: number, b: number, c: number): number {
  const scaled = (x: number, bits: number) => BigInt(x * 2 ** bits);
  return Number(scaled(a, 300) * scaled(b, 300) + scaled(c, 600)) * 2 ** -600;
}
