/**
 * Elementary functions to 256 binary places, to make tables with: a number x is held as the integer x * 2^256.
 * Slow; for use while modules load.
 */
const FRACTION_BITS = 256n;
const ONE = 1n << FRACTION_BITS;

/** numerator / denominator */
export function fixedRatio(numerator: bigint, denominator: bigint): bigint {
  return (numerator << FRACTION_BITS) / denominator;
}

/** The nearest double. */
export function fixedToNumber(value: bigint): number {
  return Number(value) * 2 ** -Number(FRACTION_BITS);
}

/** What a fixed-point number exceeds a double by, as the nearest double. */
export function fixedMinusNumber(value: bigint, subtrahend: number): number {
  return fixedToNumber(value - BigInt(subtrahend * 2 ** Number(FRACTION_BITS)));
}

/** The nearest multiple of 2^-bits. */
export function roundFixed(value: bigint, bits: number): number {
  const dropped = FRACTION_BITS - BigInt(bits);
  return Number((value + (1n << (dropped - 1n))) >> dropped) * 2 ** -bits;
}

/** Taylor series of sine and cosine at 0; |x| <= 1. */
export function fixedSinCos(x: bigint): { sin: bigint; cos: bigint } {
  let sin = 0n;
  let cos = 0n;
  let term = ONE;
  for (let n = 0n; term !== 0n; n++) {
    const signed = n % 4n < 2n ? term : -term;
    if (n % 2n === 0n) cos += signed;
    else sin += signed;
    term = (term * x) / (ONE * (n + 1n));
  }
  return { sin, cos };
}

/** Natural logarithm by 2 artanh((x - 1) / (x + 1)); x near 1. */
export function fixedLog(x: bigint): bigint {
  const ratio = fixedRatio(x - ONE, x + ONE);
  const square = (ratio * ratio) >> FRACTION_BITS;
  let sum = 0n;
  let power = ratio;
  for (let n = 1n; power !== 0n && power !== -1n; n += 2n) {
    sum += power / n;
    power = (power * square) >> FRACTION_BITS;
  }
  return 2n * sum;
}

/** 2^(i / 2^rootBits) for i = 0 … 2^rootBits - 1. */
export function fixedExp2Table(rootBits: number): bigint[] {
  let root = 2n * ONE;
  for (let i = 0; i < rootBits; i++) root = integerSquareRoot(root << FRACTION_BITS);
  const table = [ONE];
  for (let i = 1; i < 2 ** rootBits; i++) table.push((table[i - 1] * root) >> FRACTION_BITS);
  return table;
}

/** The floor of the square root, by Newton's method from above. */
function integerSquareRoot(value: bigint): bigint {
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
