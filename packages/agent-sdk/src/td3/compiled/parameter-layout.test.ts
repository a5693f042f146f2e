import { describe, expect, it } from 'vitest';
import { createInitialState } from '../initial-state.ts';
import { layOut, packNetworks, unpackNetworks } from './parameter-layout.ts';

describe('layOut', () => {
  it('puts all that is small into one segment', () => {
    const { segments, networks } = layOut([3, 8, 1], 2);
    expect(segments).toEqual([{ offset: 0, shape: [1, 2 * (3 * 8 + 8 + 8 + 1)] }]);
    const places = networks.flat().flatMap(({ weight, bias }) => [weight, bias]);
    expect(places.map(({ offset }) => offset)).toEqual([0, 24, 32, 40, 41, 65, 73, 81]);
  });

  it('gives every large matrix a segment of its own, in its own shape, from a whole cache line on', () => {
    const { segments, length } = layOut([23, 256, 128, 1], 2);
    const small = 2 * (23 * 256 + 256 + 128 + 128 + 1);
    expect(segments.map(({ shape }) => shape)).toEqual([
      [1, small],
      [128, 256],
      [128, 256],
    ]);
    const start = 16 * Math.ceil(small / 16);
    expect(segments.map(({ offset }) => offset)).toEqual([0, start, start + 128 * 256]);
    expect(length).toBe(start + 2 * 128 * 256);
  });
});

describe('packNetworks', () => {
  it('transposes the first weight and puts its bias behind it', () => {
    const layout = layOut([2, 3, 1], 1);
    const flat = new Float32Array(layout.length);
    const first = {
      inputs: 2,
      outputs: 3,
      weight: Float32Array.of(1, 2, 3, 4, 5, 6),
      bias: Float32Array.of(7, 8, 9),
    };
    const last = { inputs: 3, outputs: 1, weight: Float32Array.of(10, 11, 12), bias: Float32Array.of(13) };
    packNetworks(layout, [[first, last]], flat);
    expect([...flat.subarray(0, 13)]).toEqual([1, 3, 5, 2, 4, 6, 7, 8, 9, 10, 11, 12, 13]);
  });

  it.each([
    [3, 8, 4],
    [5, 130, 127, 4],
    [140, 130, 4],
  ])(
    'fills the whole vector, and unpackNetworks gives copies back (%i-%i-%i)',
    (observationSize, ...hidden) => {
      const sizes = { observationSize, actionSize: 2, hiddenSizes: hidden };
      const { critics } = createInitialState(sizes, 1);
      const layout = layOut([observationSize + 2, ...hidden, 1], 2);
      const flat = new Float32Array(layout.length).fill(Number.NaN);
      packNetworks(layout, critics, flat);
      for (const { offset, shape } of layout.segments) {
        const segment = flat.subarray(offset, offset + shape.reduce((product, n) => product * n, 1));
        expect(segment.every(Number.isFinite)).toBe(true);
      }
      const unpacked = unpackNetworks(layout, flat);
      flat.fill(0);
      expect(unpacked).toEqual(critics);
    },
  );
});
