import { describe, expect, it } from 'vitest';
import { checkSnapshot } from './check-snapshot.ts';
import type { PolicyDefinition } from './policy-definition.ts';
import { drawProbes, largestProbe, type ProbeKind, type Probes } from './probes.ts';
import { ReferencePolicy } from './reference-policy.ts';
import { randomSnapshot } from './testing/random-snapshot.ts';

const definition = checkSnapshot(randomSnapshot({ sizes: [3, 16, 16, 2] }));
const bounds = {
  low: Float32Array.of(-1, Number.NEGATIVE_INFINITY, -3.4e38),
  high: Float32Array.of(2, 5, 3.4e38),
};
const probes = drawProbes(definition, bounds);

function rowsOf({ kinds, observations, count }: Probes, wanted: ProbeKind): number[][] {
  const width = observations.length / count;
  return kinds.flatMap((kind, i) =>
    kind === wanted ? [Array.from(observations.subarray(i * width, (i + 1) * width))] : [],
  );
}

describe('drawProbes', () => {
  it('draws 1 000 finite observations, the same each time', () => {
    expect(probes.count).toBe(1000);
    expect(probes.observations).toHaveLength(3000);
    expect(probes.actions).toHaveLength(2000);
    expect(probes.observations.every((value) => Number.isFinite(value))).toBe(true);
    expect(drawProbes(definition, bounds)).toEqual(probes);
  });

  it('begins with zeros', () => {
    expect(rowsOf(probes, 'zeros')).toEqual([[0, 0, 0]]);
  });

  it('visits the corners of the observation space; what is unbounded ends at 1e6', () => {
    const corners = rowsOf(probes, 'bounds');
    expect(corners).toContainEqual([-1, -largestProbe, -largestProbe]);
    expect(corners).toContainEqual([2, 5, largestProbe]);
    for (const [x, y, z] of corners) {
      expect([-1, 2]).toContain(x);
      expect([-largestProbe, 5]).toContain(y);
      expect([-largestProbe, largestProbe]).toContain(z);
    }
  });

  it('has ±1e6 in every extreme one', () => {
    const extremes = rowsOf(probes, 'extreme');
    expect(extremes).toContainEqual([1e6, 1e6, 1e6]);
    expect(extremes).toContainEqual([-1e6, -1e6, -1e6]);
    for (const row of extremes) expect(Math.max(...row.map(Math.abs))).toBe(1e6);
    expect(extremes.some((row) => row.filter((value) => Math.abs(value) === 1e6).length === 1)).toBe(true);
  });

  it('saturates every action in the saturated ones, where the network lets it', () => {
    const reference = new ReferencePolicy(definition);
    const saturated = rowsOf(probes, 'saturated').filter((row) =>
      reference.act(Float32Array.from(row)).action.every((value, k) => {
        const ends = [definition.actionLow[k], definition.actionHigh[k]];
        return Math.min(...ends.map((end) => Math.abs(value - end))) < 1e-6;
      }),
    );
    expect(saturated.length).toBeGreaterThan(95);
  });

  it('keeps random ones within bounds that are near, and around the normaliser’s mean elsewhere', () => {
    const normalizer = {
      mean: Float32Array.of(0, 1000, 0),
      scale: Float32Array.of(1, 0.01, 1),
      clip: 10,
    };
    for (const [x, y] of rowsOf(drawProbes({ ...definition, normalizer }, bounds), 'random')) {
      expect(x).toBeGreaterThanOrEqual(-1);
      expect(x).toBeLessThanOrEqual(2);
      expect(Math.abs(y - 1000)).toBeLessThan(1);
    }
  });

  it('records the reference’s action of each', () => {
    const { action } = new ReferencePolicy(definition).act(probes.observations.slice(2997));
    expect(probes.actions.slice(1998)).toEqual(action);
  });

  it('draws those anew that float32 could not answer', () => {
    const steep = checkSnapshot(randomSnapshot({ sizes: [17, 64, 64, 6], gain: 4 }));
    const wide = { low: new Float32Array(17).fill(-1e38), high: new Float32Array(17).fill(1e38) };
    const { redrawn, count, kinds } = drawProbes(steep, wide);
    expect(redrawn).toBeGreaterThan(0);
    expect(redrawn).toBeLessThan(200);
    expect(kinds).toHaveLength(count);
  });

  it('gives up on an actor that float32 cannot hold', () => {
    const narrow: PolicyDefinition = {
      ...definition,
      actionLow: Float32Array.of(1e6, -1),
      actionHigh: Float32Array.of(1e6 + 0.125, 1),
    };
    expect(() => drawProbes(narrow, bounds)).toThrow(
      expect.objectContaining({ name: 'ExporterError', code: 'ILL_CONDITIONED' }),
    );
    const [first, ...others] = definition.layers;
    const huge = { ...first, weight: first.weight.map((value) => value * 1e36) };
    expect(() => drawProbes({ ...definition, layers: [huge, ...others] }, bounds)).toThrow(/may overflow/);
  });
});
