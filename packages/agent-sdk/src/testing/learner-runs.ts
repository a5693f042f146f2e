import { createRandomStream, type RandomStream } from '../random/random-stream.ts';
import { createBatch } from '../replay/batch.ts';
import type { Batch, Learner, LearnerOptions } from '../td3/learner.ts';
import type { LearnerState, NetworkState } from '../td3/network-state.ts';

/** TD3's usual constants on networks that take no time; a test says what it needs differently. */
export const tinyLearnerOptions: LearnerOptions = {
  observationSize: 3,
  actionSize: 2,
  hiddenSizes: [8, 8],
  batchSize: 16,
  gamma: 0.99,
  tau: 0.005,
  targetPolicyNoise: 0.2,
  targetNoiseClip: 0.5,
  policyDelay: 2,
  actorLearningRate: 1e-3,
  criticLearningRate: 1e-3,
};

/** Another value for each option: none may go unused. */
export const changedLearnerOptions: Readonly<Record<keyof LearnerOptions, Partial<LearnerOptions>>> = {
  observationSize: { observationSize: 4 },
  actionSize: { actionSize: 1 },
  hiddenSizes: { hiddenSizes: [8, 9] },
  batchSize: { batchSize: 15 },
  gamma: { gamma: 0.98 },
  tau: { tau: 0.01 },
  targetPolicyNoise: { targetPolicyNoise: 0.1 },
  targetNoiseClip: { targetNoiseClip: 0.1 },
  policyDelay: { policyDelay: 3 },
  actorLearningRate: { actorLearningRate: 2e-3 },
  criticLearningRate: { criticLearningRate: 2e-3 },
};

/** A batch without meaning, and its target noise: the arguments of one update. */
export function randomUpdate(options: LearnerOptions, stream: RandomStream): [Batch, Float32Array] {
  const batch = createBatch(options.batchSize, options.observationSize, options.actionSize);
  for (const values of [batch.observation, batch.nextObservation, batch.reward]) {
    stream.fillStandardNormal(values);
  }
  for (let i = 0; i < batch.action.length; i++) batch.action[i] = 2 * stream.uniform() - 1;
  for (let i = 0; i < batch.size; i++) batch.terminated[i] = stream.integer(4) === 0 ? 1 : 0;
  const targetNoise = new Float32Array(batch.action.length);
  stream.fillStandardNormal(targetNoise);
  return [batch, targetNoise];
}

/** The same seed gives every learner the same updates. */
export async function runUpdates(
  learner: Learner,
  options: LearnerOptions,
  updates: number,
  seed = 1,
): Promise<void> {
  const stream = createRandomStream(seed, 'updates');
  for (let i = 0; i < updates; i++) await learner.update(...randomUpdate(options, stream));
}

/** The absolute difference of every weight and bias of the six networks. */
export function weightDifferences(a: LearnerState, b: LearnerState): { largest: number; mean: number } {
  const differences = absoluteDifferences(allWeights(a), allWeights(b));
  return {
    // Math.max of nothing but numbers; NaN stays NaN, and so fails every bound.
    largest: differences.reduce((largest, difference) => Math.max(largest, difference), 0),
    mean: differences.reduce((sum, difference) => sum + difference, 0) / differences.length,
  };
}

/** Element by element; NaN where either has none. */
export function absoluteDifferences(found: ArrayLike<number>, expected: ArrayLike<number>): Float64Array {
  const differences = new Float64Array(expected.length);
  for (let i = 0; i < expected.length; i++) {
    differences[i] = Math.abs(expected[i] - (found[i] ?? Number.NaN));
  }
  return differences;
}

/** All weights and biases of the six networks, in a fixed order. A million of them may be. */
export function allWeights(state: LearnerState): Float32Array {
  const arrays = sixNetworks(state).flatMap((network) =>
    network.flatMap(({ weight, bias }) => [weight, bias]),
  );
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

/** The state with every weight and bias of the six networks moved to the next float32 above or below. */
export function nudgeWeights(state: LearnerState, stream: RandomStream): LearnerState {
  const nudged = structuredClone(state);
  for (const { weight, bias } of sixNetworks(nudged).flat()) {
    for (const values of [weight, bias]) {
      // Neighbours of one sign differ by one as integers.
      const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
      for (const [i, value] of values.entries()) if (value !== 0) bits[i] += 2 * stream.integer(2) - 1;
    }
  }
  return nudged;
}

function sixNetworks(state: LearnerState): NetworkState[] {
  return [state.actor, state.actorTarget, ...state.critics, ...state.criticTargets];
}
