/**
 * Sine and cosine as glibc computes them on processors with fused multiply-add, bit for bit (held to glibc 2.36,
 * x86-64). NumPy and CPython call the C library's, and an environment's state feeds on the last bit; V8's
 * Math.sin differs from glibc's in about 3 of 100 arguments.
 *
 * glibc's result is the true value rounded, but for an error of a few hundredths of a unit in the last place
 * before the rounding. So is that of its method in plain arithmetic; where no midpoint between two doubles lies
 * within both errors, the two round alike. glibc-sin-cos.ts decides the rest, about 1 in 20.
 */
import {
  glibcCos,
  glibcSin,
  HALF_PI_1,
  HALF_PI_2,
  HALF_PI_3,
  HALF_PI_4,
  REDUCTION_LIMIT,
  ROUND_TO_128TH,
  ROUND_TO_INTEGER,
  sinCosTable,
  TWO_OVER_PI,
} from './glibc-sin-cos.ts';

/**
 * More than both errors together. By the table: glibc rounds twice, plain arithmetic four times, numbers of 2^-8
 * at most, which is 6 * 2^-62. By the series: 11 roundings of 2^-53, relative to the terms beyond x.
 */
const TABLE_DOUBT = 2 ** -59;
const SERIES_DOUBT = 2 ** -49;
/** Below, those terms are too small to measure the errors by: the reduction has its own. */
const SERIES_START = 2 ** -16;

/** sin(x) for x in radians, |x| < 105414336; beyond, Math.sin. */
export function sin(x: number): number {
  const value = undoubtedSin(x, 0);
  return Number.isNaN(value) ? glibcSin(x) : value;
}

/** cos(x) for x in radians, |x| < 105414336; beyond, Math.cos. */
export function cos(x: number): number {
  const value = undoubtedSin(x, 1);
  return Number.isNaN(value) ? glibcCos(x) : value;
}

/** sin(x + quarterTurns * pi / 2), or NaN for doubt. */
function undoubtedSin(x: number, quarterTurns: number): number {
  if (!(Math.abs(x) < REDUCTION_LIMIT)) return Number.NaN;
  const quotient = x * TWO_OVER_PI + ROUND_TO_INTEGER - ROUND_TO_INTEGER;
  const first = x - quotient * HALF_PI_1 - quotient * HALF_PI_2;
  const third = quotient * HALF_PI_3;
  const fourth = quotient * HALF_PI_4;
  const second = first - third;
  const reduced = second - fourth;
  const error = first - second - third + (second - reduced - fourth);

  const quadrant = (quotient + quarterTurns) & 3;
  const isCosine = (quadrant & 1) === 1;
  const size = Math.abs(reduced);
  const value =
    !isCosine && size < 0.126
      ? sinBySeries(reduced, error)
      : byTable(size, reduced < 0 ? -error : error, isCosine, reduced < 0);
  return (quadrant & 2) === 2 ? -value : value;
}

/** sin(x + error), |x| < 0.126, or NaN for doubt. */
function sinBySeries(x: number, error: number): number {
  if (Math.abs(x) < SERIES_START) return Number.NaN;
  const square = x * x;
  let sum = -2.5022014848318398e-8 * square + 2.755729806860771e-6;
  sum = sum * square - 0.00019841269834414642;
  sum = sum * square + 0.008333333333332329;
  sum = sum * square - 0.16666666666666666;
  const rest = square * (sum * x - 0.5 * error) + error;
  const doubt = rest * SERIES_DOUBT;
  const value = x + (rest - doubt);
  return value === x + (rest + doubt) ? value : Number.NaN;
}

/** sin or cos of size + error, sine negated on demand, or NaN for doubt; 0 <= size < 0.86. */
function byTable(size: number, error: number, isCosine: boolean, negate: boolean): number {
  const nearest = size + ROUND_TO_128TH - ROUND_TO_128TH;
  const x = size - nearest;
  const square = x * x;
  const sine = x + (square * x * (0.008333332142857223 * square - 0.16666666666666488) + error);
  const versine = square * ((0.001388888740079376 * square - 0.04166666666666644) * square + 0.5) + error * x;

  const at = nearest * 512 + (isCosine ? 2 : 0);
  const base = sinCosTable[at];
  const lost = sinCosTable[at + 1];
  const slope = isCosine ? -sinCosTable[at - 2] : sinCosTable[at + 2];
  const correction = slope * sine + (lost - versine * base);
  const value = base + (correction - TABLE_DOUBT);
  if (value !== base + (correction + TABLE_DOUBT)) return Number.NaN;
  return negate && !isCosine ? -value : value;
}
