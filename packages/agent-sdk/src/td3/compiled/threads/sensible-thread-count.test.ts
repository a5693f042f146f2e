import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { tinyLearnerOptions } from '../../../testing/learner-runs.ts';
import type { LearnerOptions } from '../../learner.ts';
import { coresOfEach, sensibleThreadCount } from './sensible-thread-count.ts';

const common: LearnerOptions = {
  ...tinyLearnerOptions,
  observationSize: 17,
  actionSize: 6,
  hiddenSizes: [256, 256],
  batchSize: 256,
};

describe('sensibleThreadCount', () => {
  it('gives each critic a thread where a core is to spare', () => {
    expect(sensibleThreadCount(common, 3)).toBe(2);
    expect(sensibleThreadCount(common, 64)).toBe(2);
    expect(sensibleThreadCount(common, 2)).toBe(1);
    expect(sensibleThreadCount(common, 1)).toBe(1);
  });

  it('leaves small networks to one', () => {
    expect(sensibleThreadCount({ ...common, hiddenSizes: [64, 64], batchSize: 100 }, 64)).toBe(1);
    expect(sensibleThreadCount({ ...common, hiddenSizes: [] }, 64)).toBe(1);
  });
});

it('shares the cores among runs on one machine, and leaves none without', () => {
  expect(coresOfEach(1)).toBe(availableParallelism());
  expect(coresOfEach(1000)).toBe(1);
  // Two runs at a time on four cores have two each: no second learner thread, which would take them from each other.
  expect(sensibleThreadCount(common, Math.floor(4 / 2))).toBe(1);
});
