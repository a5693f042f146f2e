import { type SeedRun, type SeedsResult, summarizeReturns } from '@gymwire/agent-sdk/parts';
import { expect, it } from 'vitest';
import { describeFailures, describeSeeds } from './seeds-table.ts';

function run(seed: number, more: Partial<SeedRun> = {}): SeedRun {
  const figures = {
    envSteps: 10_000,
    lastReturn: -150.25 - seed,
    bestReturn: -140 - seed,
    bestEnvSteps: 9000,
  };
  const runFolder = `runs/group/seed${seed}`;
  return { seed, runFolder, status: 'completed', isUntouched: false, ...figures, warnings: [], ...more };
}

function result(runs: readonly SeedRun[], returns: readonly number[]): SeedsResult {
  const last = returns.length === 0 ? null : summarizeReturns(returns);
  return { status: 'failed', runs, last, best: last };
}

const nothing = { envSteps: 0, lastReturn: null, bestReturn: null, bestEnvSteps: null };

it('has a line a run, and below what they come to together', () => {
  const failure = { code: 'TRAINING_FAILED', message: 'the environment failed' };
  const runs = [
    run(0),
    run(1, { isUntouched: true, status: 'solved' }),
    run(10, { status: 'failed', failure, envSteps: 3000 }),
    run(11, { status: 'waiting', isUntouched: true, ...nothing }),
  ];
  const lines = describeSeeds(result(runs, [-150.25, -151.25]));
  expect(lines).toEqual([
    'seed  status                   steps  last return  best return  at step',
    '   0  completed                10000       -150.3       -140.0     9000',
    '   1  solved before            10000       -151.3       -141.0     9000',
    '  10  failed: TRAINING_FAILED   3000       -160.3       -150.0     9000',
    '  11  waiting                      0            –            –        –',
    '',
    'over seeds   runs    mean  std     IQM  95 % of the IQM',
    'last return     2  -150.8  0.7  -150.8  -151.3 … -150.3',
    'best return     2  -150.8  0.7  -150.8  -151.3 … -150.3',
    '2 of 4 runs have not ended, and are not in it',
    'std: n − 1. IQM: mean without the lowest and the highest quarter; interval by',
    'stratified bootstrap',
  ]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

it('says so where runs are not in it, and where there is nothing to say', () => {
  const lines = describeSeeds(result([run(0), run(1, { status: 'interrupted' })], [-150.25]));
  expect(lines).toContain('last return     1  -150.3    –  -150.3                –');
  expect(lines).toContain('1 of 2 runs has not ended, and is not in it');
  expect(describeSeeds(result([run(0, { status: 'waiting', ...nothing })], [])).at(-1)).toBe(
    'no run has ended: there is nothing to say of all',
  );
});

it('tells once what ended several runs', () => {
  const failure = { code: 'UNKNOWN_ENV', message: 'no environment' };
  const failed = [0, 1, 3].map((seed) => run(seed, { status: 'failed', failure }));
  const other = run(4, { status: 'failed', failure: { ...failure, message: 'another' } });
  expect(describeFailures([...failed, run(2), other])).toEqual([
    'seed 0, 1, 3: error UNKNOWN_ENV: no environment',
    'seed 4: error UNKNOWN_ENV: another',
  ]);
});
