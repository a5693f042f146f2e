import { expect, it } from 'vitest';
import { createBackoff } from './backoff.ts';

it('tries at once, then after a share of a bound that doubles up to 5 s, and forgets', () => {
  const shares = [0.5, 1, 0.25, 0];
  let draws = 0;
  const backoff = createBackoff(() => shares[draws++ % shares.length]);
  expect(Array.from({ length: 5 }, () => backoff.nextMs())).toEqual([0, 50, 25, 0, 200]);
  for (let i = 0; i < 40; i++) expect(backoff.nextMs()).toBeLessThanOrEqual(5_000);
  backoff.reset();
  expect(backoff.nextMs()).toBe(0);
});

it('does not draw the same for all', () => {
  const of = (share: number) => {
    const backoff = createBackoff(() => share);
    return [backoff.nextMs(), backoff.nextMs(), backoff.nextMs()];
  };
  expect(of(0.1)).toEqual([0, 5, 10]);
  expect(of(0.9)).toEqual([0, 45, 90]);
});
