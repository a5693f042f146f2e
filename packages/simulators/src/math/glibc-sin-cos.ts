/**
 * glibc's sine and cosine operation by operation, every fused multiply-add emulated; slow. Call sin-cos.ts, which
 * comes here where the last bit is in doubt.
 *
 * The method is the IBM Accurate Mathematical Library's (in glibc: sysdeps/ieee754/dbl-64/s_sin.c): reduce by
 * pi/2 to |a| < 0.86 with an error term, look up the nearest k / 128, and correct by short polynomials.
 * Coefficients are its figures; which operations are fused is what the compiler made of it.
 */
import { fixedMinusNumber, fixedRatio, fixedSinCos, fixedToNumber } from './fixed-point.ts';
import { fma } from './fma.ts';

/** Adding and subtracting it rounds to a multiple of 1 / 128. */
export const ROUND_TO_128TH = 1.5 * 2 ** 45;
/** Adding and subtracting it rounds to an integer. */
export const ROUND_TO_INTEGER = 1.5 * 2 ** 52;

export const TWO_OVER_PI = 0.6366197723675814;
const HALF_PI = 1.5707963267948966;
const HALF_PI_ERROR = 6.123233995736766e-17;
/** pi / 2 in four parts, for the reduction; integers below 2^26 times the first three are exact. */
export const HALF_PI_1 = 1.5707963407039642;
export const HALF_PI_2 = -1.3909067564377153e-8;
export const HALF_PI_3 = -4.97899623147991e-17;
export const HALF_PI_4 = -1.9034889620193266e-25;

/** Where the reduction ends: 2^26 quarter turns. */
export const REDUCTION_LIMIT = 105414336;

const TABLE_SIZE = 110;
/** At 4 k: sin(k / 128), its rounding error, cos(k / 128), its rounding error. */
export const sinCosTable = new Float64Array(4 * TABLE_SIZE);
for (let k = 0; k < TABLE_SIZE; k++) {
  const { sin, cos } = fixedSinCos(fixedRatio(BigInt(k), 128n));
  const roundedSin = fixedToNumber(sin);
  const roundedCos = fixedToNumber(cos);
  sinCosTable.set(
    [roundedSin, fixedMinusNumber(sin, roundedSin), roundedCos, fixedMinusNumber(cos, roundedCos)],
    4 * k,
  );
}

/** sin(x) for x in radians, |x| < 105414336; beyond, Math.sin. */
export function glibcSin(x: number): number {
  const size = Math.abs(x);
  if (size < 2 ** -26) return x;
  if (size < 0.85546875) return sinReduced(x, 0);
  if (size < 2.4262638092041016) {
    const value = cosReduced(HALF_PI - size, HALF_PI_ERROR);
    return x < 0 ? -value : value;
  }
  if (size < REDUCTION_LIMIT) return sinByQuadrant(x, 0);
  return Math.sin(x);
}

/** cos(x) for x in radians, |x| < 105414336; beyond, Math.cos. */
export function glibcCos(x: number): number {
  const size = Math.abs(x);
  if (size < 2 ** -27) return 1;
  if (size < 0.85546875) return cosReduced(x, 0);
  if (size < 2.4262638092041016) {
    const difference = HALF_PI - size;
    const reduced = difference + HALF_PI_ERROR;
    return sinReduced(reduced, difference - reduced + HALF_PI_ERROR);
  }
  if (size < REDUCTION_LIMIT) return sinByQuadrant(x, 1);
  return Math.cos(x);
}

/** sin(x + quarterTurns * pi / 2). */
function sinByQuadrant(x: number, quarterTurns: number): number {
  const quotient = fma(x, TWO_OVER_PI, ROUND_TO_INTEGER) - ROUND_TO_INTEGER;
  const first = fma(-quotient, HALF_PI_2, fma(-quotient, HALF_PI_1, x));
  const second = fma(-quotient, HALF_PI_3, first);
  const secondError = fma(-quotient, HALF_PI_3, first - second);
  const reduced = fma(-quotient, HALF_PI_4, second);
  const error = secondError + fma(-quotient, HALF_PI_4, second - reduced);

  const quadrant = (quotient + quarterTurns) & 3;
  const value = (quadrant & 1) === 1 ? cosReduced(reduced, error) : sinReduced(reduced, error);
  return (quadrant & 2) === 2 ? -value : value;
}

/** sin(a + error), |a| < 0.86. */
function sinReduced(a: number, error: number): number {
  const size = Math.abs(a);
  if (size < 0.126) return sinNearZero(a, error);
  const tail = a > 0 ? error : -error;
  const nearest = size + ROUND_TO_128TH - ROUND_TO_128TH;
  const x = size - nearest;
  const square = x * x;
  const sine = x + fma(square * x, sinePolynomial(square), tail);
  const versine = fma(tail, x, square * versinePolynomial(square));

  const at = nearest * 512;
  const sinAt = sinCosTable[at];
  let correction = fma(sinCosTable[at + 3], sine, sinCosTable[at + 1]);
  correction = fma(-versine, sinAt, correction);
  correction = fma(sine, sinCosTable[at + 2], correction);
  const value = sinAt + correction;
  return a < 0 ? -value : value;
}

/** cos(a + error), |a| < 0.86. */
function cosReduced(a: number, error: number): number {
  const size = Math.abs(a);
  const nearest = size + ROUND_TO_128TH - ROUND_TO_128TH;
  const x = size - nearest + (a < 0 ? -error : error);
  const square = x * x;
  const sine = fma(square * x, sinePolynomial(square), x);
  const versine = square * versinePolynomial(square);

  const at = nearest * 512;
  const cosAt = sinCosTable[at + 2];
  let correction = fma(-sinCosTable[at + 1], sine, sinCosTable[at + 3]);
  correction = fma(-versine, cosAt, correction);
  correction = fma(-sine, sinCosTable[at], correction);
  return cosAt + correction;
}

/** sin(x + error), |x| < 0.126, by the Taylor series, its last terms adjusted. */
function sinNearZero(x: number, error: number): number {
  const square = x * x;
  let sum = fma(-2.5022014848318398e-8, square, 2.755729806860771e-6);
  sum = fma(sum, square, -0.00019841269834414642);
  sum = fma(sum, square, 0.008333333333332329);
  sum = fma(sum, square, -0.16666666666666666);
  return x + fma(square, fma(sum, x, -0.5 * error), error);
}

/** (sin(x) - x) / x^3, |x| < 1 / 256. */
function sinePolynomial(square: number): number {
  return fma(0.008333332142857223, square, -0.16666666666666488);
}

/** (1 - cos(x)) / x^2, |x| < 1 / 256. */
function versinePolynomial(square: number): number {
  return fma(fma(0.001388888740079376, square, -0.04166666666666644), square, 0.5);
}
