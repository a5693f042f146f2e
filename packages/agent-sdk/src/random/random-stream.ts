import { createHash } from 'node:crypto';
import { AgentError } from '../errors.ts';

const algorithm = 'xoshiro128**';

/** A stream's whole state; survives JSON unchanged. */
export interface RandomStreamState {
  readonly algorithm: typeof algorithm;
  /** Four unsigned 32-bit words, not all zero. */
  readonly words: readonly number[];
  /** The second normal of the last pair, when it has not been handed out yet. */
  readonly spareNormal: number | null;
}

/**
 * Random numbers for training: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", ACM TOMS 47, 2021), period 2^128 − 1, 32-bit operations only. Results depend on integer
 * arithmetic, sqrt and log alone, hence the same draws on every machine. For simulations, not for secrets.
 */
export class RandomStream {
  readonly #words: Int32Array;
  #spareNormal: number | null;

  /** Use `createRandomStream`; this one continues from a state. */
  constructor(state: RandomStreamState) {
    this.#words = new Int32Array(4);
    this.#spareNormal = null;
    this.importState(state);
  }

  /** Uniform in 0 … 2^32 − 1. */
  uint32(): number {
    return this.#next() >>> 0;
  }

  /** Uniform in [0, 1) with 53 bits; takes two 32-bit draws. */
  uniform(): number {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  /** Uniform in 0 … n − 1, without bias. @param n an integer in 1 … 2^32 */
  integer(n: number): number {
    if (!(Number.isInteger(n) && n >= 1 && n <= 0x100000000)) {
      throw new AgentError('INVALID_OPTION', `integer(n): expected n in 1 … 2^32, got ${n}`);
    }
    // As many bits as n − 1 has; draws beyond it are rejected (fewer than two draws on average).
    const mask = 0xffffffff >>> Math.clz32((n - 1) | 1);
    for (;;) {
      const candidate = (this.#next() & mask) >>> 0;
      if (candidate < n) return candidate;
    }
  }

  /** Mean 0, variance 1: Marsaglia's polar method, which needs no trigonometry and gives two at a time. */
  standardNormal(): number {
    const spare = this.#spareNormal;
    if (spare !== null) {
      this.#spareNormal = null;
      return spare;
    }
    for (;;) {
      const x = this.#next() / 0x80000000;
      const y = this.#next() / 0x80000000;
      const square = x * x + y * y;
      if (square > 0 && square < 1) {
        const scale = Math.sqrt((-2 * Math.log(square)) / square);
        this.#spareNormal = y * scale;
        return x * scale;
      }
    }
  }

  /** Fills the array with the draws that as many `standardNormal()` calls would give, rounded to float32. */
  fillStandardNormal(out: Float32Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.standardNormal();
  }

  /** Returns the state: what is drawn after `importState` of it is the same. */
  exportState(): RandomStreamState {
    const words = Array.from(this.#words, (word) => word >>> 0);
    return { algorithm, words, spareNormal: this.#spareNormal };
  }

  /** Goes on from a state. @throws AgentError INVALID_STATE when it is not one that `exportState` can give */
  importState(state: RandomStreamState): void {
    const { words, spareNormal } = state;
    const areWords =
      words.length === 4 && words.every((word) => Number.isInteger(word) && word >= 0 && word <= 0xffffffff);
    const isSpare = spareNormal === null || Number.isFinite(spareNormal);
    // The state of all zeros is the generator's only fixed point.
    if (state.algorithm !== algorithm || !areWords || words.every((word) => word === 0) || !isSpare) {
      throw new AgentError(
        'INVALID_STATE',
        `random stream: expected ${algorithm}, four unsigned 32-bit words not all zero and a finite or null spareNormal; got ${JSON.stringify(state)}`,
      );
    }
    this.#words.set(words);
    this.#spareNormal = spareNormal;
  }

  /** One step of xoshiro128**, as a signed 32-bit integer. */
  #next(): number {
    const words = this.#words as Int32Array & { 0: number; 1: number; 2: number; 3: number };
    const a = words[0];
    const b = words[1];
    const c = words[2] ^ a;
    const d = words[3] ^ b;
    const scrambled = Math.imul(b, 5);
    words[0] = a ^ d;
    words[1] = b ^ c;
    words[2] = c ^ (b << 9);
    words[3] = (d << 11) | (d >>> 21);
    return Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
  }
}

/**
 * The stream of this name under this seed. Streams with different names or seeds start at unrelated points,
 * the first 128 bits of SHA-256 of both, so adding a consumer never shifts the draws of another.
 * @param seed an integer in 0 … 2^53 − 1
 * @param name what the draws are for, such as "exploration"
 */
export function createRandomStream(seed: number, name: string): RandomStream {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new AgentError('INVALID_OPTION', `seed: expected an integer in 0 … 2^53 − 1, got ${seed}`);
  }
  const digest = createHash('sha256').update(`${seed}/${name}`).digest();
  const words = [0, 4, 8, 12].map((offset) => digest.readUInt32LE(offset));
  return new RandomStream({ algorithm, words, spareNormal: null });
}
