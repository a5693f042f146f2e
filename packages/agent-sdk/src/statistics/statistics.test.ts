import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bootstrapInterval, quantile } from './bootstrap-interval.ts';
import { interquartileMean } from './interquartile-mean.ts';
import { summarizeReturns } from './summarize-returns.ts';

interface Case {
  readonly tasks: readonly number[][];
  readonly iqm: number;
  readonly interval: readonly [number, number];
  readonly mean: number;
  readonly std: number;
  /** Every resample that there is, each once. */
  readonly exact?: readonly [number, number];
  /** With the draws of NumPy's generator. */
  readonly rliable: readonly [number, number];
}

/** What SciPy and rliable say: see make_intervals.py beside the file. */
const golden = JSON.parse(
  readFileSync(new URL('../../../../test/golden/statistics/intervals.json', import.meta.url), 'utf8'),
) as { readonly cases: Readonly<Record<string, Case>> };
const cases = Object.entries(golden.cases);
const oneTask = cases.filter(([, { tasks }]) => tasks.length === 1);

describe.each(cases)('%s', (_, { tasks, iqm, interval, exact, rliable }) => {
  it('has the interquartile mean of SciPy and rliable', () => {
    expect(interquartileMean(tasks.flat())).toBeCloseTo(iqm, 10);
  });

  it('has rliable’s interval for the same draws, and nearly that for draws of its own', () => {
    const { low, high } = bootstrapInterval(tasks);
    expect([low, high].map((end) => end.toFixed(10))).toEqual(interval.map((end) => end.toFixed(10)));
    const spread = Math.max(...tasks.flat()) - Math.min(...tasks.flat());
    for (const others of [rliable, exact ?? rliable]) {
      expect(Math.abs(low - others[0])).toBeLessThanOrEqual(0.005 * spread);
      expect(Math.abs(high - others[1])).toBeLessThanOrEqual(0.005 * spread);
    }
  });
});

it.each(oneTask)('sums up %s with the mean and deviation of NumPy', (_, { tasks, iqm, mean, std }) => {
  const summary = summarizeReturns(tasks[0] ?? []);
  expect(summary.runs).toBe(tasks[0]?.length);
  expect(summary.iqm).toBeCloseTo(iqm, 10);
  expect(summary.mean).toBeCloseTo(mean, 10);
  expect(summary.std).toBeCloseTo(std, 10);
  expect(summary.interval).toEqual(bootstrapInterval(tasks));
});

it('leaves out a quarter at each end, rounded down, in whatever order the scores come', () => {
  expect(interquartileMean([100, 1, 2, 3, -100])).toBe(2);
  expect(interquartileMean([8, 6, 7, 1, 2, 3, 4, 5])).toBe(4.5);
  expect(interquartileMean([1, 2, 6])).toBe(3);
});

it('draws each task’s runs from that task, however many it has', () => {
  const largest = (scores: Float64Array) => Math.max(...scores.subarray(0, 2));
  const interval = bootstrapInterval(
    [
      [1, 2],
      [50, 60, 70],
    ],
    { statistic: largest, resamples: 200 },
  );
  expect(interval).toEqual({ low: 1, high: 2 });
});

it('is the same for the same seed, another for another, and narrower for a lower level', () => {
  const scores = [[3, 1, 4, 1, 5, 9, 2, 6]];
  const few = { resamples: 40 };
  const interval = bootstrapInterval(scores, few);
  expect(bootstrapInterval(scores, { ...few, seed: 0 })).toEqual(interval);
  expect(bootstrapInterval(scores, { ...few, seed: 1 })).not.toEqual(interval);
  const half = bootstrapInterval(scores, { ...few, level: 0.5 });
  expect(half.high - half.low).toBeLessThan(interval.high - interval.low);
});

it('takes quantiles between the two nearest values', () => {
  const sorted = Float64Array.of(0, 1, 10, 11);
  expect([0, 0.25, 0.5, 1].map((share) => quantile(sorted, share))).toEqual([0, 0.75, 5.5, 11]);
});

it('says nothing of the spread of one run', () => {
  expect(summarizeReturns([7])).toEqual({ runs: 1, mean: 7, std: null, iqm: 7, interval: null });
});

it.each([
  ['no runs', () => summarizeReturns([]), 'INVALID_OPTION'],
  ['a task without runs', () => bootstrapInterval([[1], []]), 'INVALID_OPTION'],
  ['no tasks', () => bootstrapInterval([]), 'INVALID_OPTION'],
  ['a return that is not finite', () => summarizeReturns([1, Number.NaN]), 'NON_FINITE_VALUE'],
  ['a level above 1', () => bootstrapInterval([[1]], { level: 95 }), 'INVALID_OPTION'],
  ['half a resample', () => bootstrapInterval([[1]], { resamples: 0.5 }), 'INVALID_OPTION'],
])('refuses %s', (_, call, code) => {
  expect(call).toThrow(expect.objectContaining({ code }) as Error);
});
