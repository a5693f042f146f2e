import { describe, expect, it } from 'vitest';
import { createEpisodeSeed, evaluationSeed, firstTestSeed, trainingSeeds } from './env-seeds.ts';

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

  it.each([
    [1, 200_000],
    [8, 20_000],
    [64, 2_000],
    [1000, 100],
  ])('are all different in %i environments of %i episodes, and below 2^30', (numEnvs, episodes) => {
    const seedOf = createEpisodeSeed(7);
    const seeds = new Set<number>();
    for (let i = 0; i < numEnvs; i++) for (let k = 0; k < episodes; k++) seeds.add(seedOf(i, k));
    expect(seeds.size).toBe(numEnvs * episodes);
    const isFine = (seed: number) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 30;
    expect([...seeds].every(isFine)).toBe(true);
  });

  it('are different up to the last episode that they are promised for', () => {
    const seedOf = createEpisodeSeed(3);
    const last = 2 ** 27 - 1;
    const seeds = Array.from({ length: 8 }, (_, i) => [seedOf(i, 0), seedOf(i, last)]).flat();
    expect(new Set(seeds).size).toBe(16);
    // And one further begins as the first episode of another environment: which lies behind environment 0 is the fifth.
    expect(seedOf(0, last + 1)).toBe(seedOf(4, 0));
    // Environments beyond 2^30 and episodes without end still have seeds.
    expect(seedOf(0, 2 ** 40 + 1)).toBe(seedOf(0, 1));
  });

  it('of an episode hang on the run, the environment and the number alone, and look like nothing', () => {
    const table = [
      [0, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
    ].map(([seed, i, k]) => createEpisodeSeed(seed)(i, k));
    // They are part of what a run's seed means: another derivation is another version of the seeding.
    expect(table).toMatchInlineSnapshot(`
      [
        736532125,
        231745450,
        881405879,
        839886041,
      ]
    `);
    const firsts = Array.from({ length: 2000 }, (_, k) => createEpisodeSeed(0)(0, k));
    const others = new Set(Array.from({ length: 2000 }, (_, k) => createEpisodeSeed(1)(0, k)));
    expect(firsts.filter((seed) => others.has(seed)).length).toBeLessThan(3);
    const mean = firsts.reduce((sum, seed) => sum + seed / 2 ** 30, 0) / firsts.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
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
    // As many episodes as the option allows.
    expect(evaluationSeed(1, 2 ** 29 - 1) + 2 ** 29 - 2).toBeLessThan(firstTestSeed);
  });
});
