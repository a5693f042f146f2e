import { createRandomStream, type RandomStream } from '../random/random-stream.ts';
import { createBatch } from '../replay/batch.ts';
import type { Batch, Learner, LearnerOptions } from '../td3/learner.ts';
import type { LearnerState, NetworkState } from '../td3/network-state.ts';

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
  const [found, expected] = [allWeights(a), allWeights(b)];
  const differences = expected.map((value, i) => Math.abs(value - (found[i] ?? Number.NaN)));
  return {
    // Math.max of nothing but numbers; NaN stays NaN, and so fails every bound.
    largest: differences.reduce((largest, difference) => Math.max(largest, difference), 0),
    mean: differences.reduce((sum, difference) => sum + difference, 0) / differences.length,
  };
}

function allWeights(state: LearnerState): number[] {
  return sixNetworks(state).flatMap((network) => network.flatMap(({ weight, bias }) => [...weight, ...bias]));
}

function sixNetworks(state: LearnerState): NetworkState[] {
  return [state.actor, state.actorTarget, ...state.critics, ...state.criticTargets];
}
