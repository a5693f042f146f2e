import type { LinearLayer, PolicySnapshot } from '../policy-snapshot.ts';
import { createProbeRandom } from '../probe-random.ts';

export interface RandomSnapshotOptions {
  /** Observation size, hidden sizes, action size. */
  readonly sizes?: readonly number[];
  readonly seed?: number;
  /** Weights are uniform within ±gain/√inputs, as torch's are with a gain of 1. */
  readonly gain?: number;
}

/** An untrained policy for tests; other fields are given by spreading. */
export function randomSnapshot(options: RandomSnapshotOptions = {}): PolicySnapshot {
  const { sizes = [3, 16, 16, 2], seed = 1, gain = 1 } = options;
  const random = createProbeRandom(seed);
  const actor = sizes.slice(1).map((outputs, i): LinearLayer => {
    const inputs = sizes[i];
    const limit = gain / Math.sqrt(inputs);
    const draw = (length: number) => Float32Array.from({ length }, () => limit * (2 * random.uniform() - 1));
    return { inputs, outputs, weight: draw(inputs * outputs), bias: draw(outputs) };
  });
  const observationSize = sizes[0];
  const actionSize = sizes[sizes.length - 1];
  return {
    envId: 'Test-v0',
    actor,
    actionLow: Float32Array.from({ length: actionSize }, (_, k) => -1 - k / 3),
    actionHigh: Float32Array.from({ length: actionSize }, (_, k) => 1 + k / 7),
    observationLow: new Float32Array(observationSize).fill(-8),
    observationHigh: new Float32Array(observationSize).fill(Number.POSITIVE_INFINITY),
    envSteps: 20_000,
    evaluation: { episodes: 10, meanReturn: -152.25, stdReturn: 90.125, meanLength: 200 },
    configHash: '0123456789abcdef'.repeat(4),
  };
}
