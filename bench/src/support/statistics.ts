/** Order statistics of one series of timings. */
export interface Timing {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly count: number;
}

export function summarize(nanoseconds: readonly number[]): Timing {
  const sorted = [...nanoseconds].sort((a, b) => a - b);
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] / 1e3;
  return { p50Us: at(0.5), p99Us: at(0.99), count: sorted.length };
}

/** How long one call takes, in nanoseconds. */
export async function timeCall(call: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await call();
  return Number(process.hrtime.bigint() - start);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Returns the time of each run by that of the bare one beside it, in the middle: 1.01 is a percent more. */
export function pairedRatio(runs: readonly number[], bare: readonly number[]): number {
  return median(runs.map((seconds, i) => seconds / bare[i]));
}
