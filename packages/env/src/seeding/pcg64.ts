/** The multiplier 0x2360ed051fc65da44385df649fccf645 of PCG's 128-bit generator, in words from the lowest. */
const M0 = 0x9fccf645;
const M1 = 0x4385df64;
const M2 = 0x1fc65da4;
const M3 = 0x2360ed05;

/**
 * PCG64 XSL-RR 128/64, NumPy's default bit generator, in 32-bit words: BigInt would cost most of a microsecond
 * a draw.
 *
 * Source: M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random
 * Number Generation" (HMC-CS-2014-0905).
 */
export class Pcg64 {
  /** The last draw's upper and lower 32 bits, as signed integers. */
  high = 0;
  low = 0;

  /** State and increment in 32-bit words from the lowest; signed, so that they stay small integers to V8. */
  #s0 = 0;
  #s1 = 0;
  #s2 = 0;
  #s3 = 0;
  readonly #i0: number;
  readonly #i1: number;
  readonly #i2: number;
  readonly #i3: number;

  /** @param words eight, as `SeedSequence.generate_state(4, uint64)` lays them out: state, then stream */
  constructor(words: Uint32Array) {
    const [s2 = 0, s3 = 0, s0 = 0, s1 = 0, i2 = 0, i3 = 0, i0 = 0, i1 = 0] = words;
    this.#i0 = (i0 << 1) | 1;
    this.#i1 = (i1 << 1) | (i0 >>> 31);
    this.#i2 = (i2 << 1) | (i1 >>> 31);
    this.#i3 = (i3 << 1) | (i2 >>> 31);
    // The state after one step from zero is the increment; the seed is added to that.
    let sum = (this.#i0 >>> 0) + s0;
    this.#s0 = sum | 0;
    sum = (this.#i1 >>> 0) + s1 + (sum > 0xffffffff ? 1 : 0);
    this.#s1 = sum | 0;
    sum = (this.#i2 >>> 0) + s2 + (sum > 0xffffffff ? 1 : 0);
    this.#s2 = sum | 0;
    sum = (this.#i3 >>> 0) + s3 + (sum > 0xffffffff ? 1 : 0);
    this.#s3 = sum | 0;
    this.#step();
  }

  /** Draws 64 bits into `high` and `low`. */
  next(): void {
    this.#step();
    // Both halves of the state xored, then rotated right by its top six bits.
    const x0 = this.#s2 ^ this.#s0;
    const x1 = this.#s3 ^ this.#s1;
    const rotation = this.#s3 >>> 26;
    const swap = rotation >= 32;
    const a0 = swap ? x1 : x0;
    const a1 = swap ? x0 : x1;
    // Shifted left twice, since a shift by 32 would be one by 0.
    const right = rotation & 31;
    const left = 31 - right;
    this.low = (a0 >>> right) | ((a1 << 1) << left);
    this.high = (a1 >>> right) | ((a0 << 1) << left);
  }

  /** state * multiplier + increment, modulo 2^128: schoolbook multiplication, column by column. */
  #step(): void {
    const s0 = this.#s0;
    const s1 = this.#s1;
    const s2 = this.#s2;
    const s3 = this.#s3;
    let column = (Math.imul(s0, M0) >>> 0) + (this.#i0 >>> 0);
    this.#s0 = column | 0;
    column =
      (column > 0xffffffff ? 1 : 0) +
      (this.#i1 >>> 0) +
      multiplyHigh(s0, M0) +
      (Math.imul(s0, M1) >>> 0) +
      (Math.imul(s1, M0) >>> 0);
    this.#s1 = column | 0;
    column =
      Math.floor(column / 2 ** 32) +
      (this.#i2 >>> 0) +
      multiplyHigh(s0, M1) +
      multiplyHigh(s1, M0) +
      (Math.imul(s0, M2) >>> 0) +
      (Math.imul(s1, M1) >>> 0) +
      (Math.imul(s2, M0) >>> 0);
    this.#s2 = column | 0;
    this.#s3 =
      (Math.floor(column / 2 ** 32) +
        this.#i3 +
        multiplyHigh(s0, M2) +
        multiplyHigh(s1, M1) +
        multiplyHigh(s2, M0) +
        Math.imul(s0, M3) +
        Math.imul(s1, M2) +
        Math.imul(s2, M1) +
        Math.imul(s3, M0)) |
      0;
  }
}

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit integers. */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = Math.imul(aLow, bLow) >>> 16;
  const middle = (Math.imul(aHigh, bLow) >>> 0) + low;
  const middle2 = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (middle2 >>> 16)) >>> 0;
}
