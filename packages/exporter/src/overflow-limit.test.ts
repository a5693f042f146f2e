import { describe, expect, it } from 'vitest';
import { overflowLimit } from './overflow-limit.ts';
import type { PolicyDefinition } from './policy-definition.ts';

const definition: PolicyDefinition = {
  layers: [
    { inputs: 2, outputs: 2, weight: Float32Array.of(1, -3, 2, 0), bias: Float32Array.of(0, -8) },
    { inputs: 2, outputs: 1, weight: Float32Array.of(16, 16), bias: Float32Array.of(0) },
  ],
  actionLow: Float32Array.of(-1),
  actionHigh: Float32Array.of(1),
};

describe('overflowLimit', () => {
  it('divides float32’s reach by the largest row sums', () => {
    // The biases are lost beside 2¹²⁷.
    expect(overflowLimit(definition)).toBe(2 ** 127 / (4 * 32));
  });

  it('counts values inside the network, even where later layers are small', () => {
    const [first, second] = definition.layers;
    const small = { ...second, weight: Float32Array.of(1e-20, 1e-20) };
    expect(overflowLimit({ ...definition, layers: [first, small] })).toBe(2 ** 127 / 4);
  });

  it('counts the biases', () => {
    const [first, second] = definition.layers;
    const large = { ...first, bias: Float32Array.of(2 ** 122, 0) };
    expect(overflowLimit({ ...definition, layers: [large, second] })).toBe(
      (2 ** 127 - 32 * 2 ** 122) / (4 * 32),
    );
    const tooLarge = { ...first, bias: Float32Array.of(2 ** 126, 0) };
    expect(overflowLimit({ ...definition, layers: [tooLarge, second] })).toBe(0);
  });

  it('is no limit behind a clipping normaliser, and grows with a scale', () => {
    const normalizer = { mean: Float32Array.of(0, 0), scale: Float32Array.of(8, 4), clip: 10 };
    expect(overflowLimit({ ...definition, normalizer })).toBe(Number.MAX_VALUE);
    const unclipped = { ...normalizer, clip: Number.POSITIVE_INFINITY };
    expect(overflowLimit({ ...definition, normalizer: unclipped })).toBe(2 ** 127 / 32);
  });

  it('is as wide as float32 where nothing grows', () => {
    const [first, second] = definition.layers;
    const zeros = [first, second].map((layer) => ({ ...layer, weight: layer.weight.map(() => 0) }));
    expect(overflowLimit({ ...definition, layers: zeros })).toBe(2 ** 127);
  });
});
