import { resolveTrainOptions } from '@gymwire/agent-sdk/parts';
import { describe, expect, it } from 'vitest';
import { checkComparable, finalReturn, goals, lastReturns, median } from './judge-runs.ts';
import type { Run } from './read-run.ts';

function run(seed: number, ...returns: number[]): Run {
  const evaluations = returns.map((meanReturn, i) => ({
    envSteps: 5_000 * (i + 1),
    gradientSteps: 0,
    episodes: 2,
    meanReturn,
    stdReturn: 0,
    meanLength: 1,
    returns: [meanReturn, meanReturn],
    lengths: [1, 1],
    isBest: false,
  }));
  const options = resolveTrainOptions({ envId: 'HalfCheetah-v5', seed });
  return { options, evaluations, resumes: 0, learner: 'none', trainingSeconds: 1 };
}

describe('the judgement of runs', () => {
  it('is by the last three evaluations', () => {
    const one = run(0, 9000, 3000, 1000, 2000);
    expect(lastReturns(one)).toEqual([3000, 1000, 2000]);
    expect(finalReturn(one, false)).toBe(2000);
    expect(finalReturn(one, true)).toBe(1000);
  });

  it.each([
    ['InvertedPendulum-v5', [1000, 950, 3], true],
    ['InvertedPendulum-v5', [1000, 949, 949], false],
    ['HalfCheetah-v5', [1500, 4500, 4500], true],
    ['HalfCheetah-v5', [1499, 9000, 9000], false],
    ['HalfCheetah-v5', [3400, 3400, 3600], false],
    ['Hopper-v5', [10, 600, 3000], true],
    ['Hopper-v5', [599, 10, 3000], false],
  ] as const)('of %s with %o: %s', (envId, finals, isReached) => {
    expect(goals[envId]?.goal.isReached(finals)).toBe(isReached);
  });

  it('refuses runs that cannot be compared', () => {
    const other = {
      ...run(1, 1),
      options: resolveTrainOptions({ envId: 'HalfCheetah-v5', seed: 1, gamma: 0.9 }),
    };
    expect(() => checkComparable([run(0, 1), run(1, 1)])).not.toThrow();
    expect(() => checkComparable([run(0, 1), other])).toThrow(/differ in more than the seed/);
    expect(() => checkComparable([run(0, 1), run(0, 2)])).toThrow(/seed occurs twice/);
  });

  it('takes the median of odd and even numbers', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });
});
