/** sin, cos, square and square32 decide most arguments at once; the result must be the emulation's all the same. */

import { createRandomGenerator } from '@gymwire/env';
import { describe, expect, it } from 'vitest';
import { glibcCos, glibcSin } from './glibc-sin-cos.ts';
import { cos, sin } from './sin-cos.ts';
import { glibcSquare, square } from './square.ts';
import { glibcSquare32, square32 } from './square32.ts';

const random = createRandomGenerator(20);

function draw(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next);
}

const within = (bound: number) => () => random.uniform(-bound, bound);
const anyScale = (low: number, high: number) => () =>
  random.uniform(-1, 1) * 2 ** random.integers(low, high + 1);
/** Close to a multiple of `unit`, at which one way of computing ends and another begins. */
const nearMultiple = (unit: number, count: number) => () =>
  unit * random.integers(-count, count + 1) * (1 + random.uniform(-1, 1) * 2 ** -random.integers(10, 54));

const angles = [
  ...draw(40_000, within(8)),
  ...draw(10_000, within(0.13)),
  ...draw(10_000, within(40)),
  ...draw(10_000, within(1000)),
  ...draw(5_000, within(1.06e8)),
  ...draw(10_000, anyScale(-60, 27)),
  ...draw(10_000, nearMultiple(Math.PI / 4, 40)),
  ...draw(10_000, nearMultiple(1 / 256, 220)),
];
const bases = [...draw(80_000, within(16)), ...draw(20_000, anyScale(-99, 99))];
const bases32 = [...draw(80_000, within(2)), ...draw(20_000, anyScale(-59, 59))].map(Math.fround);

/** Results so near the middle of two doubles that with a fraction of the margin they come out wrong. */
const hardSines = [
  -0.9437446825088678, -2.332738240151329, -5.458474339881285, 5.45867370146982, 22.092828064913398,
  9.312198905992084, 31.536689630737385, -31.291240988655336,
];
const hardCosines = [
  -4.836030600175995, 2.4032273612140393, -3.8334954491679554, 7.7325175825708214, 5.52961794186826,
  4.834898881724236, 5.568112201690191, 1.6303039617036674,
];
const hardBases = [
  15.018126051804416, 7.969730089596304, -11.05555555474055, 7.5095747694055675, -7.73086155599826,
];
const hardBases32 = [
  1.9930174350738525, 0.6897918581962585, 0.6792804002761841, 0.7045693397521973, -1.986393690109253,
];

function mismatches(fast: (x: number) => number, slow: (x: number) => number, args: readonly number[]) {
  return args.filter((x) => !Object.is(fast(x), slow(x)));
}

describe('the same bits as the emulation, also in doubt', () => {
  it.each([
    ['sin', sin, glibcSin, [...angles, ...hardSines]],
    ['cos', cos, glibcCos, [...angles, ...hardCosines]],
    ['square', square, (x: number) => glibcSquare(Math.abs(x)), [...bases, ...hardBases]],
    ['square32', square32, (x: number) => glibcSquare32(Math.abs(x)), [...bases32, ...hardBases32]],
  ])('%s', (_, fast, slow, args) => {
    expect(args.length).toBeGreaterThan(100_000);
    expect(mismatches(fast, slow, args)).toEqual([]);
  });

  it('where the shortest way would err', () => {
    expect(mismatches((x) => x * x, square, hardBases)).toEqual(hardBases);
    expect(mismatches((x) => Math.fround(x * x), square32, hardBases32)).toEqual(hardBases32);
  });
});
