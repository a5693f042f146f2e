import { describe, expect, it } from 'vitest';
import { checkSnapshot } from './check-snapshot.ts';
import { exportPolicy } from './export-policy.ts';
import { OnnxPolicy } from './onnx-policy.ts';
import type { PolicyDefinition } from './policy-definition.ts';
import { createProbeRandom } from './probe-random.ts';
import { ReferencePolicy } from './reference-policy.ts';
import { randomSnapshot } from './testing/random-snapshot.ts';

const byHand: PolicyDefinition = {
  layers: [
    { inputs: 2, outputs: 2, weight: Float32Array.of(1, 2, 3, -4), bias: Float32Array.of(0.5, 0) },
    { inputs: 2, outputs: 1, weight: Float32Array.of(0.25, 8), bias: Float32Array.of(-0.5) },
  ],
  actionLow: Float32Array.of(-1),
  actionHigh: Float32Array.of(5),
};

describe('ReferencePolicy', () => {
  it('computes what one computes by hand', () => {
    const { action } = new ReferencePolicy(byHand).act(Float32Array.of(1, 1));
    // relu(3.5), relu(−1) → 0.25·3.5 − 0.5 = 0.375 → tanh · 3 + 2
    expect(action[0]).toBeCloseTo(Math.tanh(0.375) * 3 + 2, 14);
  });

  it('normalises and clips first', () => {
    const normalizer = { mean: Float32Array.of(1, 3), scale: Float32Array.of(2, 0.5), clip: 1.5 };
    const policy = new ReferencePolicy({ ...byHand, normalizer });
    const plain = new ReferencePolicy(byHand);
    // (2 − 1) / 2 = 0.5 and (0 − 3) / 0.5 = −6, clipped to −1.5
    expect(policy.act(Float32Array.of(2, 0)).action).toEqual(plain.act(Float32Array.of(0.5, -1.5)).action);
  });

  it('stays within the bounds where saturated', () => {
    const policy = new ReferencePolicy(byHand);
    expect(policy.act(Float32Array.of(1e6, 0)).action).toEqual(Float64Array.of(5));
    expect(policy.act(Float32Array.of(-1e6, -1e6)).action[0]).toBeGreaterThanOrEqual(-1);
  });

  it('doubts an action that hangs on a cancellation, and no other', () => {
    // 1e6·(1 + 2⁻²⁰) − 1e6 ≈ 0.95: float32 keeps few digits of it.
    const policy = new ReferencePolicy({
      layers: [
        { inputs: 2, outputs: 1, weight: Float32Array.of(1 + 2 ** -20, -1), bias: Float32Array.of(0) },
      ],
      actionLow: Float32Array.of(-1),
      actionHigh: Float32Array.of(1),
    });
    expect(policy.act(Float32Array.of(1e6, 1e6)).uncertainty[0]).toBeGreaterThan(0.01);
    expect(policy.act(Float32Array.of(1, 1)).uncertainty[0]).toBeLessThan(1e-6);
    expect(policy.act(Float32Array.of(1e6, 0)).uncertainty[0]).toBeLessThan(1e-6);
  });

  it.each([
    { sizes: [3, 32, 32, 1], gain: 1 },
    { sizes: [17, 64, 64, 6], gain: 3 },
    { sizes: [60, 200, 100, 4], gain: 2 },
  ])('never doubts less than ONNX Runtime is off: %j', async (options) => {
    const snapshot = randomSnapshot(options);
    const { bytes } = await exportPolicy(snapshot);
    const policy = await OnnxPolicy.load(bytes);
    const reference = new ReferencePolicy(checkSnapshot(snapshot));
    const random = createProbeRandom(5);
    for (let i = 0; i < 400; i++) {
      const size = 10 ** ((i % 8) - 1);
      const observation = Float32Array.from({ length: policy.observationSize }, () => size * random.normal());
      const actual = await policy.act(observation);
      const { action, uncertainty } = reference.act(observation);
      actual.forEach((value, k) => {
        expect(Math.abs(value - action[k])).toBeLessThanOrEqual(uncertainty[k]);
      });
    }
    await policy.dispose();
  });
});
