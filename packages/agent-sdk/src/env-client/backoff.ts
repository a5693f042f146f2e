/** Exponential backoff with full jitter: 0 at first, then anything up to a bound that doubles. */
export interface Backoff {
  nextMs(): number;
  reset(): void;
}

const firstBoundMs = 50;
const lastBoundMs = 5_000;

/** @param random in [0, 1) */
export function createBackoff(random: () => number): Backoff {
  let attempts = 0;
  return {
    nextMs() {
      const bound = attempts === 0 ? 0 : Math.min(lastBoundMs, firstBoundMs * 2 ** (attempts - 1));
      attempts += 1;
      return Math.ceil(bound * random());
    },
    reset() {
      attempts = 0;
    },
  };
}
