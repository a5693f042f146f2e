import { expect, it } from 'vitest';
import { createRealClock } from './clock.ts';

it.each([0, 16])('the real clock never wakes early, polling for the last %i ms', async (pollMs) => {
  const clock = createRealClock(pollMs);
  for (const waitMs of [0, 0.3, 1.7, 5, 21.4]) {
    const atMs = clock.now() + waitMs;
    await new Promise<void>((resolve) => clock.wake(atMs, resolve));
    expect(clock.now()).toBeGreaterThanOrEqual(atMs);
  }
});

it('the real clock does not wake who has cancelled', async () => {
  const clock = createRealClock();
  const woken: string[] = [];
  const cancels = [0.2, 3].map((waitMs) => clock.wake(clock.now() + waitMs, () => woken.push(`${waitMs}`)));
  for (const cancel of cancels) cancel();
  await new Promise<void>((resolve) => clock.wake(clock.now() + 10, resolve));
  expect(woken).toEqual([]);
});

it('the real clock never wakes from within, so that a loop that is always late lets others run', async () => {
  const clock = createRealClock();
  let isWithin = true;
  const woken = new Promise<boolean>((resolve) => clock.wake(clock.now() - 5, () => resolve(isWithin)));
  isWithin = false;
  expect(await woken).toBe(false);
});
