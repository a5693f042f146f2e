import { GymwireError, type Seed } from '@gymwire/protocol';
import { multiplyHigh, Pcg64 } from './pcg64.ts';
import type { RandomGenerator } from './random-generator.ts';
import { entropyWords, generateState } from './seed-sequence.ts';
import { layerDensity, layerScale, layerThreshold } from './ziggurat-tables.ts';

/** Where the ziggurat's tail begins. */
const TAIL_START = 3.6541528853610088;
const INVERSE_TAIL_START = 0.2736612373297583;

const WORD64 = 1n << 64n;

/**
 * `numpy.random.Generator(PCG64(SeedSequence(seed)))`, as Gymnasium seeds its environments.
 *
 * @param seed without one, the generator is seeded from the system's entropy
 * @throws {GymwireError} INVALID_ARGUMENT for a bad seed; later, for bad bounds (NumPy's own checks)
 */
export function createRandomGenerator(seed?: Seed): RandomGenerator {
  return new NumpyRandomGenerator(new Pcg64(generateState(entropyWords(seed), 8)));
}

class NumpyRandomGenerator implements RandomGenerator {
  readonly #bits: Pcg64;
  /** The upper half of a draw whose lower half was used as 32 bits. */
  #buffered: number | undefined;

  constructor(bits: Pcg64) {
    this.#bits = bits;
  }

  random(): number {
    const bits = this.#bits;
    bits.next();
    return ((bits.high >>> 0) * 2 ** 21 + (bits.low >>> 11)) * 2 ** -53;
  }

  uniform(low: number, high: number): number {
    const range = high - low;
    if (!Number.isFinite(range)) {
      throw badBounds(`uniform: high - low range exceeds valid bounds (low ${low}, high ${high})`);
    }
    if (range < 0) throw badBounds(`uniform: high - low < 0 (low ${low}, high ${high})`);
    return low + range * this.random();
  }

  /** Marsaglia and Tsang's ziggurat of 256 layers, cutting its bits out of a draw as NumPy does. */
  standardNormal(): number {
    const bits = this.#bits;
    for (;;) {
      bits.next();
      const { low, high } = bits;
      const layer = low & 0xff;
      const sign = (low & 0x100) === 0 ? 1 : -1;
      const magnitude = (high & 0x1fffffff) * 2 ** 23 + (low >>> 9);
      const x = sign * magnitude * layerScale[layer];
      if (magnitude < layerThreshold[layer]) return x;
      if (layer === 0) return (low & 0x20000) === 0 ? this.#normalTail() : -this.#normalTail();
      const upper = layerDensity[layer - 1];
      const lower = layerDensity[layer];
      if ((upper - lower) * this.random() + lower < Math.exp(-0.5 * x * x)) return x;
    }
  }

  integers(low: number, high: number): number {
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high)) {
      throw badBounds(`integers: expected integer bounds within ±(2^53 - 1), got low ${low}, high ${high}`);
    }
    if (low >= high) throw badBounds(`integers: low >= high (low ${low}, high ${high})`);
    if (high - low === 1) return low;
    return high - low <= 2 ** 32 ? low + this.#below32(high - low) : this.#between64(low, high);
  }

  /** Beyond TAIL_START: Marsaglia's method, in NumPy's form. */
  #normalTail(): number {
    for (;;) {
      const x = -INVERSE_TAIL_START * Math.log1p(-this.random());
      const y = -Math.log1p(-this.random());
      if (y + y > x * x) return TAIL_START + x;
    }
  }

  /** 32 bits: the lower half of a draw, then its upper half; other kinds of draws in between change nothing. */
  #next32(): number {
    const buffered = this.#buffered;
    if (buffered !== undefined) {
      this.#buffered = undefined;
      return buffered;
    }
    this.#bits.next();
    this.#buffered = this.#bits.high >>> 0;
    return this.#bits.low >>> 0;
  }

  /**
   * Uniform in [0, bound), 1 < bound <= 2^32, as the upper half of a 64-bit product.
   * Source: D. Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 29 (2019).
   */
  #below32(bound: number): number {
    const rejected = 2 ** 32 % bound;
    for (;;) {
      const word = this.#next32();
      if (Math.imul(word, bound) >>> 0 >= rejected)
        return bound === 2 ** 32 ? word : multiplyHigh(word, bound);
    }
  }

  /** The same with 64-bit words, for bounds above 2^32. */
  #between64(low: number, high: number): number {
    const bound = BigInt(high) - BigInt(low);
    const rejected = WORD64 % bound;
    for (;;) {
      this.#bits.next();
      const word = (BigInt(this.#bits.high >>> 0) << 32n) | BigInt(this.#bits.low >>> 0);
      const product = word * bound;
      if (product % WORD64 >= rejected) return Number(BigInt(low) + product / WORD64);
    }
  }
}

function badBounds(message: string): GymwireError {
  return new GymwireError('INVALID_ARGUMENT', message);
}
