import { describe, expect, it } from 'vitest';
import { tinyLearnerOptions } from '../../../testing/learner-runs.ts';
import type { LearnerOptions } from '../../learner.ts';
import { sensibleThreadCount } from './sensible-thread-count.ts';

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
