import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** What is long and seldom breaks: `npm run test:long`, which `.ci/run` runs too. */
const long = 'test/{contract,golden,e2e,faults}/**/*.long.test.ts';
/** What replaces modules of Node's, and so must not share them with other files. */
const mocked = 'packages/*/src/**/*.mocked.test.ts';

// Time limits are against hanging only: a busy machine must not make a test red.
const unit = { testTimeout: 60_000, hookTimeout: 60_000 };
const cross = { testTimeout: 120_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // Much of the time is waiting, for servers, threads and time limits: two files at a time also on two cores.
    maxWorkers: Math.min(4, Math.max(2, availableParallelism())),
    projects: [
      {
        test: {
          ...unit,
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'bench/src/**/*.test.ts'],
          exclude: [...configDefaults.exclude, mocked],
          // Loading what is tested anew for each file took longer than the tests.
          isolate: false,
        },
      },
      { test: { ...unit, name: 'unit-mocked', include: [mocked] } },
      {
        test: {
          ...cross,
          name: 'cross',
          include: ['test/{contract,golden,e2e,faults}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, long],
        },
      },
      { test: { ...cross, name: 'long', include: [long] } },
      {
        test: {
          name: 'oracles',
          // Their own programs take the cores.
          maxWorkers: 1,
          include: ['test/oracles/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
