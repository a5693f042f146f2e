import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { waitForMost } from './wait-for-most.ts';

/** Hosts of so many environments that answer after so many milliseconds; null: never. @returns when the wait was over */
async function waited(
  hosts: readonly (readonly [count: number, answersAt: number | null])[],
): Promise<number> {
  const clock = new FakeClock();
  const awaited = hosts.map(([count, at]) => ({
    count,
    settled: at === null ? new Promise<void>(() => undefined) : clock.sleep(at),
  }));
  let overAt: number | undefined;
  const wait = waitForMost(awaited, clock).then(() => (overAt = clock.now()));
  while (overAt === undefined) await clock.advance();
  await wait;
  return overAt;
}

describe('an elastic step', () => {
  it.each([
    // All answer in time.
    [
      [
        [4, 40],
        [4, 60],
      ],
      60,
    ],
    [
      [
        [4, 40],
        [2, 79],
        [2, 80],
      ],
      80,
    ],
    // Half of the environments have answered at 40 ms: the others have until 80 ms.
    [
      [
        [4, 40],
        [4, 500],
      ],
      80,
    ],
    [
      [
        [4, 40],
        [4, null],
      ],
      80,
    ],
    // Counted are environments, not hosts.
    [
      [
        [2, 10],
        [6, 40],
        [8, 90],
      ],
      80,
    ],
    [
      [
        [1, 10],
        [7, 500],
      ],
      500,
    ],
    // Quick answers: 10 ms more at least.
    [
      [
        [4, 1],
        [4, 10],
      ],
      10,
    ],
    [
      [
        [4, 1],
        [4, null],
      ],
      11,
    ],
  ] as const)('with hosts %j is over after %i ms', async (hosts, ms) => {
    expect(await waited(hosts)).toBe(ms);
  });
});
