import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../random/random-stream.ts';
import { ObservationStatistics } from './observation-statistics.ts';

/** Numbers that are alike in nothing but their far too large mean. */
function draw(count: number): Float32Array[] {
  const stream = createRandomStream(5, 'observations');
  return Array.from({ length: count }, () =>
    Float32Array.of(1e6 + stream.standardNormal(), -3 + 20 * stream.standardNormal(), 7),
  );
}

function addAll(statistics: ObservationStatistics, observations: readonly Float32Array[]) {
  for (const observation of observations) statistics.add(observation);
  return statistics;
}

describe('ObservationStatistics', () => {
  it('has the mean and the variance that two passes give', () => {
    const observations = draw(1000);
    const { mean, scale, clip } = addAll(new ObservationStatistics(3), observations).normalizer();
    expect(clip).toBe(10);
    for (const k of [0, 1, 2]) {
      const values = observations.map((observation) => observation[k]);
      const exact = values.reduce((sum, x) => sum + x, 0) / values.length;
      const variance = values.reduce((sum, x) => sum + (x - exact) ** 2, 0) / values.length;
      expect(mean[k]).toBe(Math.fround(exact));
      expect(scale[k] / Math.sqrt(variance + 1e-8)).toBeCloseTo(1, 6);
    }
    expect(scale[2]).toBe(Math.fround(1e-4));
  });

  it('leaves alone what it knows nothing of, and has no spread before the second observation', () => {
    const statistics = new ObservationStatistics(3);
    const identity = { mean: new Float32Array(3), scale: Float32Array.of(1, 1, 1), clip: 10 };
    expect(statistics.normalizer()).toEqual(identity);
    statistics.add(Float32Array.of(1, 2, 3));
    expect(statistics.normalizer()).toEqual({ ...identity, mean: Float32Array.of(1, 2, 3) });
  });

  it('does not change what it has given away', () => {
    const statistics = addAll(new ObservationStatistics(3), draw(10));
    const then = statistics.normalizer();
    const copy = structuredClone(then);
    statistics.add(Float32Array.of(9, 9, 9));
    expect(then).toEqual(copy);
    expect(statistics.normalizer()).not.toEqual(copy);
    statistics.exportState().mean.fill(0);
    expect(statistics.exportState().mean[0]).not.toBe(0);
  });

  it('goes on from its state as if it had never stopped', () => {
    const observations = draw(100);
    const straight = addAll(new ObservationStatistics(3), observations);
    const resumed = addAll(new ObservationStatistics(3), [Float32Array.of(1, 1, 1)]);
    resumed.importState(addAll(new ObservationStatistics(3), observations.slice(0, 40)).exportState());
    addAll(resumed, observations.slice(40));
    expect(resumed.exportState()).toEqual(straight.exportState());
    expect(resumed.normalizer()).toEqual(straight.normalizer());
  });

  it('refuses other sizes', () => {
    const statistics = new ObservationStatistics(3);
    const mismatch = expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error;
    expect(() => statistics.add(new Float32Array(2))).toThrow(mismatch);
    const two = new ObservationStatistics(2).exportState();
    expect(() => statistics.importState(two)).toThrow(mismatch);
  });
});
