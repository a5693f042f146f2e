import { describe, expect, it } from 'vitest';
import { createInitialState } from '../initial-state.ts';
import { layOut, packNetworks, unpackNetworks } from './parameter-layout.ts';

describe('layOut', () => {
  it('puts all that is small into one segment', () => {
    const layout = layOut([3, 8, 1], 2);
    expect(layout.length).toBe(2 * (3 * 8 + 8 + 8 + 1));
    expect(layout.segments).toEqual([{ offset: 0, shape: [layout.length] }]);
  });

  it('gives every large matrix a segment of its own, in its own shape', () => {
    const layout = layOut([23, 256, 128, 1], 2);
    expect(layout.segments.map(({ shape }) => shape)).toEqual([
      [2 * (23 * 256 + 256 + 128 + 128 + 1)],
      [128, 256],
      [128, 256],
    ]);
    const ends = layout.segments.map(({ offset, shape }) => offset + shape.reduce((a, b) => a * b, 1));
    expect(layout.segments.map(({ offset }) => offset)).toEqual([0, ...ends.slice(0, -1)]);
    expect(ends.at(-1)).toBe(layout.length);
  });
});

describe('packNetworks', () => {
  it.each([
    [3, 8, 4],
    [5, 130, 127, 4],
  ])(
    'fills the whole vector, and unpackNetworks gives copies back (%i-%i-%i)',
    (observationSize, ...hidden) => {
      const sizes = { observationSize, actionSize: 2, hiddenSizes: hidden };
      const { critics } = createInitialState(sizes, 1);
      const layout = layOut([observationSize + 2, ...hidden, 1], 2);
      const flat = new Float32Array(layout.length).fill(Number.NaN);
      packNetworks(layout, critics, flat);
      expect(flat.every(Number.isFinite)).toBe(true);
      const unpacked = unpackNetworks(layout, flat);
      flat.fill(0);
      expect(unpacked).toEqual(critics);
    },
  );
});
