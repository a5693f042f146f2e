/**
 * pow(x, 2) as glibc computes it with fused multiply-add, bit for bit (held to glibc 2.36, x86-64). NumPy squares
 * its scalars (`x ** 2`) with the C library's pow, which is not x * x: in about 8 of 10 000 arguments the two
 * differ by one unit in the last place. Its error stays below 0.52 units (its own bound), so where x^2 is farther
 * than that from the neighbours of x * x, the two are equal.
 *
 * The method is Arm Optimized Routines' (pow.c and powf.c; in glibc: e_pow.c and e_powf.c):
 * exp(2 log x) with tables of 128 intervals each; in single precision exp2(2 log2 x), 16 and 32 intervals.
 * Coefficients are its figures; the tables follow its recipes, but for `log2Table`, which has none.
 */
import {
  fixedExp2Table,
  fixedLog,
  fixedMinusNumber,
  fixedRatio,
  fixedToNumber,
  roundFixed,
} from './fixed-point.ts';
import { fromHighWord, highWord, scaleByPowerOfTwo } from './float-bits.ts';
import { fma, multiplicationError } from './fma.ts';

const ROUND_TO_INTEGER = 1.5 * 2 ** 52;

const LN2_HIGH = 0.6931471805598903;
const LN2_LOW = 5.497923018708371e-14;
/** The first interval of the logarithm begins here (high word of about 0.706). */
const LOG_START = 0x3fe69555;
const LOG_INTERVALS = 128;

/** At 3 i: about 1 / centre of interval i; minus its logarithm in multiples of 2^-43; the rest of it. */
const logTable = new Float64Array(3 * LOG_INTERVALS);
for (let i = 0; i < LOG_INTERVALS; i++) {
  const centre = fromHighWord(LOG_START + (i << 13) + (1 << 12));
  const grid = centre < 1 ? 128 : 256;
  const numerator = Math.round(grid / centre);
  const log = -fixedLog(fixedRatio(BigInt(numerator), BigInt(grid)));
  const rounded = roundFixed(log, 43);
  logTable.set([numerator / grid, rounded, fixedMinusNumber(log, rounded)], 3 * i);
}

/** At 2 i: 2^(i / 128); what it lacks, relative to itself. */
const exp2Table = new Float64Array(2 * 128);
fixedExp2Table(7).forEach((value, i) => {
  const rounded = fixedToNumber(value);
  exp2Table.set([rounded, fixedMinusNumber(value, rounded) / rounded], 2 * i);
});

/** Stretches half a unit in the last place from 0.476, which leaves 0.024 to pow's own error. */
const STRETCH = 1.05;

/** pow(x, 2), like `numpy.float64(x) ** 2`; exact to glibc's bits for 2^-100 < |x| < 2^100. */
export function square(x: number): number {
  const product = x * x;
  const size = Math.abs(x);
  if (!(size > 2 ** -100 && size < 2 ** 100)) return product;
  const stretched = product + multiplicationError(x, x, product) * STRETCH;
  return stretched === product ? product : glibcSquare(size);
}

/** exp(2 log(size)), 2^-100 < size < 2^100. */
export function glibcSquare(size: number): number {
  const offset = highWord(size) - LOG_START;
  const exponent = offset >> 20;
  const at = 3 * ((offset >> 13) & (LOG_INTERVALS - 1));
  const reduced = fma(scaleByPowerOfTwo(size, -exponent), logTable[at], -1);

  const first = fma(exponent, LN2_HIGH, logTable[at + 1]);
  const second = first + reduced;
  const half = -0.5 * reduced;
  const halfSquare = reduced * half;
  const high = second + halfSquare;
  let low = fma(exponent, LN2_LOW, logTable[at + 2]) + (first - second + reduced);
  low += fma(half, reduced, -halfSquare);
  low += second - high + halfSquare;
  low = fma(reduced * halfSquare, logPolynomial(reduced, halfSquare), low);
  const log = high + low;
  return expOfSum(2 * log, 2 * (high - log + low));
}

/** What remains of log(1 + r), over r^3 / -2, given r and r^2 / -2. */
function logPolynomial(r: number, halfSquare: number): number {
  const outer = fma(r, 1.0000415263675542, -1.142909628459501);
  const middle = fma(outer, halfSquare, fma(-0.6666666663487739, r, 0.7999999995323976));
  return fma(halfSquare, middle, fma(0.5000000000000007, r, -0.6666666666666679));
}

/** exp(x + error), far from over- and underflow. */
function expOfSum(x: number, error: number): number {
  const quotient = fma(x, 184.6649652337873, ROUND_TO_INTEGER) - ROUND_TO_INTEGER;
  const r = fma(quotient, -1.2864023111638346e-14, fma(quotient, -0.005415212348111709, x)) + error;
  const at = 2 * (quotient & 127);
  const scale = scaleByPowerOfTwo(exp2Table[at], quotient >> 7);
  const rSquare = r * r;
  let sum = fma(fma(0.16666666666665886, r, 0.49999999999996786), rSquare, r + exp2Table[at + 1]);
  sum = fma(fma(r, 0.008333335853059549, 0.0416666808410674), rSquare * rSquare, sum);
  return fma(scale, sum, scale);
}
