import { GymwireError, type Seed } from '@gymwire/protocol';

const POOL_SIZE = 4;
const SEED_LIMIT = 1n << 64n;

/**
 * The seed's 32-bit words, least significant first; 128 bits of the system's entropy when there is none.
 *
 * @throws {GymwireError} INVALID_ARGUMENT when the seed is no integer in 0 … 2^64 - 1, or a number above 2^53 - 1
 */
export function entropyWords(seed?: Seed): Uint32Array {
  if (seed === undefined) return crypto.getRandomValues(new Uint32Array(POOL_SIZE));
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
    throw new GymwireError(
      'INVALID_ARGUMENT',
      `seed: expected a non-negative integer (a bigint above 2^53 - 1), got ${seed}`,
      { details: { argument: 'seed' } },
    );
  }
  const value = BigInt(seed);
  if (value < 0n || value >= SEED_LIMIT) {
    throw new GymwireError('INVALID_ARGUMENT', `seed: expected an integer in 0 … 2^64 - 1, got ${value}`, {
      details: { argument: 'seed' },
    });
  }
  const low = Number(value & 0xffffffffn);
  const high = Number(value >> 32n);
  return high === 0 ? Uint32Array.of(low) : Uint32Array.of(low, high);
}

/**
 * `numpy.random.SeedSequence(entropy).generate_state(count)`: 32-bit words.
 *
 * Source: M. E. O'Neill, "Developing a seed_seq Alternative" (pcg-random.org, 2015), with NumPy's constants.
 *
 * @param entropy at most four words
 */
export function generateState(entropy: Uint32Array, count: number): Uint32Array {
  const pool = mixEntropy(entropy);
  const state = new Uint32Array(count);
  let constant = 0x8b51f9dd;
  for (let i = 0; i < count; i++) {
    const value = pool[i % POOL_SIZE] ^ constant;
    constant = Math.imul(constant, 0x58f38ded);
    state[i] = foldHalves(Math.imul(value, constant));
  }
  return state;
}

function mixEntropy(entropy: Uint32Array): Uint32Array {
  let constant = 0x43b0d7e5;
  const hash = (word: number): number => {
    const value = word ^ constant;
    constant = Math.imul(constant, 0x931e8875);
    return foldHalves(Math.imul(value, constant));
  };
  const pool = Uint32Array.from({ length: POOL_SIZE }, (_, i) => hash(entropy[i] ?? 0));
  for (let source = 0; source < POOL_SIZE; source++) {
    for (let target = 0; target < POOL_SIZE; target++) {
      if (source === target) continue;
      const hashed = hash(pool[source]);
      pool[target] = foldHalves(Math.imul(pool[target], 0xca01f9dd) - Math.imul(hashed, 0x4973f715));
    }
  }
  return pool;
}

function foldHalves(word: number): number {
  return word ^ (word >>> 16);
}
