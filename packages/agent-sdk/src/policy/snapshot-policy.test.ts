import { describe, expect, it } from 'vitest';
import type { PolicySnapshot } from './policy-snapshot.ts';
import { createSnapshotPolicy } from './snapshot-policy.ts';

/** tanh(x0 + 2·x1), played between 0 and 10. */
const snapshot: PolicySnapshot = {
  envId: 'Some-v0',
  actor: [{ inputs: 2, outputs: 1, weight: Float32Array.of(1, 2), bias: Float32Array.of(0) }],
  actionLow: Float32Array.of(0),
  actionHigh: Float32Array.of(10),
  observationLow: Float32Array.of(-Infinity, -Infinity),
  observationHigh: Float32Array.of(Infinity, Infinity),
  envSteps: 1,
  configHash: '',
};

describe('createSnapshotPolicy', () => {
  it('plays in environment units, any number of rows', () => {
    const policy = createSnapshotPolicy(snapshot);
    expect([...policy.act(Float32Array.of(0.1, 0.2), 1)][0]).toBeCloseTo(5 + 5 * Math.tanh(0.5), 5);
    const two = policy.act(Float32Array.of(0, 0, 50, 50), 2);
    expect([...two]).toEqual([5, 10]);
  });

  it.each([null, undefined, 'policy.onnx', {}])('refuses what is no snapshot: %o', (given) => {
    expect(() => createSnapshotPolicy(given as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringMatching(/^createSnapshotPolicy:/),
      }),
    );
  });

  it('normalises and clips observations first', () => {
    const observationNormalizer = { mean: Float32Array.of(1, 0), scale: Float32Array.of(2, 1), clip: 0.5 };
    const policy = createSnapshotPolicy({ ...snapshot, observationNormalizer });
    const [action] = policy.act(Float32Array.of(1.5, -9), 1);
    expect(action).toBeCloseTo(5 + 5 * Math.tanh(0.25 - 2 * 0.5), 5);
  });
});
