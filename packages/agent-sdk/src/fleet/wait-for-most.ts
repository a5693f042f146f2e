/** How long an elastic fleet waits for the answers to a step. */

/** Where time comes from; a test has its own. */
export interface FleetClock {
  /** Milliseconds since any moment. */
  now(): number;
  /** Resolves after `ms`, or when the signal comes. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** What is waited for: an answer for so many environments. It never rejects. */
export interface Awaited {
  readonly count: number;
  readonly settled: Promise<unknown> | undefined;
}

/** Answers that come close together are waited for, however quick the first of them are. */
const leastGraceMs = 10;

/**
 * Waits until half of the environments have answered, and then for the others as long again, at least 10 ms more. So a step of
 * a fleet whose hosts are alike waits for all of them, and one slow host costs twice its time at most.
 */
export async function waitForMost(awaited: readonly Awaited[], clock: FleetClock): Promise<void> {
  const startedAt = clock.now();
  const total = awaited.reduce((sum, { count }) => sum + count, 0);
  const over = new AbortController();
  let answered = 0;
  await new Promise<void>((resolve) => {
    const hear = (count: number) => {
      const before = answered;
      answered += count;
      if (answered === total) resolve();
      else if (before * 2 < total && answered * 2 >= total) {
        const graceMs = Math.max(clock.now() - startedAt, leastGraceMs);
        void clock.sleep(graceMs, over.signal).then(resolve);
      }
    };
    for (const { count, settled } of awaited) void Promise.resolve(settled).then(() => hear(count));
  });
  over.abort();
}
