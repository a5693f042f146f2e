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
  /** Its answer before came late: it is counted, and not waited for. */
  readonly isSlow: boolean;
}

/** Answers that come close together are waited for, however quick the first of them are. */
const leastGraceMs = 10;

/**
 * Waits until half of the environments have answered, and then for the others as long again, at least 10 ms more; but not for
 * those that were slow before. So a step of a fleet whose hosts are alike waits for all of them, a host that stumbles costs twice
 * its time at most, once, and one that is always slow costs nothing but its own transitions.
 * @param startedAt when the step began, by the clock
 * @returns how long half of the environments took, in milliseconds
 */
export async function waitForMost(
  awaited: readonly Awaited[],
  clock: FleetClock,
  startedAt: number = clock.now(),
): Promise<number> {
  const total = awaited.reduce((sum, { count }) => sum + count, 0);
  const over = new AbortController();
  let answered = 0;
  let missing = awaited.filter(({ isSlow }) => !isSlow).length;
  let halfMs: number | undefined;
  await new Promise<void>((resolve) => {
    const hear = ({ count, isSlow }: Awaited) => {
      answered += count;
      if (!isSlow) missing -= 1;
      if (halfMs === undefined && answered * 2 >= total) {
        halfMs = clock.now() - startedAt;
        void clock.sleep(Math.max(halfMs, leastGraceMs), over.signal).then(resolve);
      }
      if (halfMs !== undefined && missing === 0) resolve();
    };
    for (const each of awaited) void Promise.resolve(each.settled).then(() => hear(each));
  });
  over.abort();
  return halfMs ?? 0;
}

/** Beyond the time that half of the environments took: who takes longer than that is slow. */
const patience = { share: 1 / 8, leastMs: 1 };

/**
 * Returns whether an answer came so late that the next one of the same host is not waited for. One that was late by chance comes
 * with the others again, and is told with them all the same.
 */
export function isSlowAnswer(tookMs: number, halfMs: number): boolean {
  return tookMs > halfMs + Math.max(halfMs * patience.share, patience.leastMs);
}
