import { describe, expect, it } from 'vitest';
import { evaluationSeed, firstTestSeed, trainingSeeds } from './env-seeds.ts';

describe('environment seeds', () => {
  it('never share a seed between training, evaluation and test, and stay below 2^31', () => {
    for (let seed = 0; seed < 200; seed++) {
      const training = trainingSeeds(seed, seed % 3, 17 * seed, 64);
      const first = evaluationSeed(seed, 10);
      expect(training).toHaveLength(64);
      expect(training.every((s) => Number.isInteger(s) && s >= 0 && s < 2 ** 30)).toBe(true);
      expect(first).toBeGreaterThanOrEqual(2 ** 30);
      expect(first + 9).toBeLessThan(firstTestSeed);
    }
    expect(firstTestSeed + 1_000_000).toBeLessThan(2 ** 31);
  });

  it('depend on the seed, on how often the run was resumed and where', () => {
    const firsts = [
      trainingSeeds(1, 0, 0, 2),
      trainingSeeds(2, 0, 0, 2),
      trainingSeeds(1, 1, 0, 2),
      trainingSeeds(1, 1, 50, 2),
    ].map((seeds) => seeds[0]);
    expect(new Set(firsts).size).toBe(4);
    expect(trainingSeeds(1, 1, 50, 2)[0]).toBe(firsts[3]);
    expect(evaluationSeed(1, 10)).not.toBe(evaluationSeed(2, 10));
  });
});
