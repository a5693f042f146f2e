import { describe, expect, it } from 'vitest';
import { createInitialState } from '../../initial-state.ts';
import { layOutNetwork, packNetwork, unpackNetwork } from './parameter-layout.ts';

describe('layOutNetwork', () => {
  it('puts all that is small end to end', () => {
    const { layers, smallLength, largeLength } = layOutNetwork([3, 8, 1]);
    expect([smallLength, largeLength]).toEqual([3 * 8 + 8 + 8 + 1, 0]);
    const places = layers.flatMap(({ bias, weight }) => [bias, weight]);
    expect(places.map(({ offset }) => offset)).toEqual([0, 8, 40, 32]);
  });

  it('gives every large matrix a place in a second vector, and its shape', () => {
    const { largeMatrices, smallLength, largeLength } = layOutNetwork([23, 256, 128, 128, 1]);
    expect(largeMatrices).toEqual([
      { part: 'large', offset: 0, length: 128 * 256, shape: [128, 256] },
      { part: 'large', offset: 128 * 256, length: 128 * 128, shape: [128, 128] },
    ]);
    expect(smallLength).toBe(24 * 256 + 128 + 128 + 128 + 1);
    expect(largeLength).toBe(128 * 256 + 128 * 128);
  });
});

describe('packNetwork', () => {
  it('transposes the first weight and puts its bias in front of it', () => {
    const layout = layOutNetwork([2, 3, 1]);
    const arrays = { small: new Float32Array(13), large: new Float32Array(0) };
    const first = {
      inputs: 2,
      outputs: 3,
      weight: Float32Array.of(1, 2, 3, 4, 5, 6),
      bias: Float32Array.of(7, 8, 9),
    };
    const last = { inputs: 3, outputs: 1, weight: Float32Array.of(10, 11, 12), bias: Float32Array.of(13) };
    packNetwork(layout, [first, last], arrays);
    expect([...arrays.small]).toEqual([7, 8, 9, 1, 3, 5, 2, 4, 6, 10, 11, 12, 13]);
  });

  it.each([
    [3, 8, 4],
    [5, 130, 127, 4],
    [140, 130, 4],
  ])('fills both vectors, and unpackNetwork gives copies back (%i-%i-%i)', (observationSize, ...hidden) => {
    const sizes = { observationSize, actionSize: 2, hiddenSizes: hidden };
    const [critic] = createInitialState(sizes, 1).critics;
    const layout = layOutNetwork([observationSize + 2, ...hidden, 1]);
    const arrays = {
      small: new Float32Array(layout.smallLength).fill(Number.NaN),
      large: new Float32Array(layout.largeLength).fill(Number.NaN),
    };
    packNetwork(layout, critic, arrays);
    for (const values of [arrays.small, arrays.large]) expect(values.every(Number.isFinite)).toBe(true);
    const unpacked = unpackNetwork(layout, arrays);
    for (const values of [arrays.small, arrays.large]) values.fill(0);
    expect(unpacked).toEqual(critic);
  });
});
