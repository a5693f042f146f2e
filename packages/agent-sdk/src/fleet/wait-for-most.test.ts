import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { isSlowAnswer, waitForMost } from './wait-for-most.ts';

type Host = readonly [count: number, answersAt: number | null, wasSlow?: 'slow'];

/** Hosts of so many environments that answer after so many milliseconds; null: never. @returns when the wait was over */
async function waited(hosts: readonly Host[]): Promise<number> {
  const clock = new FakeClock();
  const awaited = hosts.map(([count, at, wasSlow]) => ({
    count,
    settled: at === null ? new Promise<void>(() => undefined) : clock.sleep(at),
    isSlow: wasSlow !== undefined,
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
    // Who was slow before is not waited for, and counts.
    [
      [
        [4, 40],
        [4, 41],
        [4, 60, 'slow'],
      ],
      41,
    ],
    [
      [
        [4, 40],
        [4, 45],
        [4, 42, 'slow'],
      ],
      45,
    ],
    [
      [
        [2, 40],
        [6, 60, 'slow'],
      ],
      60,
    ],
  ] as const)('with hosts %j is over after %i ms', async (hosts, ms) => {
    expect(await waited(hosts)).toBe(ms);
  });
});

it.each([
  [40, 40, false],
  [45, 40, false],
  [46, 40, true],
  // A millisecond is nobody's fault.
  [1.5, 0.5, false],
  [2, 0.5, true],
  // Nothing is known before the first step.
  [0, Infinity, false],
])('an answer after %d ms where half took %d ms is slow: %s', (tookMs, halfMs, isSlow) => {
  expect(isSlowAnswer(tookMs, halfMs)).toBe(isSlow);
});

/** So many hosts whose step takes 40 ms, and one that takes longer. @returns steps of all, as shares of what as many hosts alike make */
async function paceWith(alike: number, slowMs: number): Promise<number> {
  const clock = new FakeClock();
  const members = [...Array.from({ length: alike }, () => 40), slowMs].map((ms) => ({ ms, tookMs: 0 }));
  const underWay = new Map<(typeof members)[number], Promise<void>>();
  const answered = new Set<(typeof members)[number]>();
  let [halfMs, told, steps] = [Infinity, 0, 0];
  const isOver = () => steps === 60;
  const play = async () => {
    for (; !isOver(); steps++) {
      const startedAt = clock.now();
      const idle = members.filter((member) => !underWay.has(member));
      for (const member of idle) {
        const settled = clock.sleep(member.ms).then(() => {
          member.tookMs = clock.now() - startedAt;
          answered.add(member);
        });
        underWay.set(member, settled);
      }
      const awaited = idle.map((member) => ({
        count: 8,
        settled: underWay.get(member),
        isSlow: isSlowAnswer(member.tookMs, halfMs),
      }));
      halfMs = await waitForMost(awaited, clock, startedAt);
      told += answered.size;
      for (const member of answered) underWay.delete(member);
      answered.clear();
    }
  };
  const played = play();
  while (!isOver()) await clock.advance();
  await played;
  return told / (clock.now() / 40) / (alike + 1);
}

it.each([1.3, 1.9, 2, 3, 10, 100])(
  'a host that always takes %d times as long costs a fleet of eight no more than its own transitions',
  async (factor) => {
    expect(await paceWith(7, 40 * factor)).toBeGreaterThan(7 / 8 - 0.02);
  },
);
