import { expect, it } from 'vitest';
import { createRandomStream } from '../random/random-stream.ts';
import { createCompiledLearner } from '../td3/compiled/compiled-learner.ts';
import { createInitialState } from '../td3/initial-state.ts';
import type { LearnerOptions } from '../td3/learner.ts';
import { createTfjsLearner } from '../td3/tfjs/tfjs-learner.ts';
import { NetworkCritic } from './network-critic.ts';

const options: LearnerOptions = {
  observationSize: 5,
  actionSize: 2,
  hiddenSizes: [16, 12],
  batchSize: 32,
  gamma: 0.99,
  tau: 0.005,
  targetPolicyNoise: 0.2,
  targetNoiseClip: 0.5,
  policyDelay: 2,
  actorLearningRate: 3e-4,
  criticLearningRate: 3e-4,
};

it.each([
  ['compiled', () => createCompiledLearner(options, createInitialState(options, 3), { thread: 'caller' })],
  ['tfjs', () => createTfjsLearner(options, createInitialState(options, 3), 'cpu')],
] as const)('believes what the %s learner’s critic believes', async (_, create) => {
  const stream = createRandomStream(1, 'exploration');
  const drawn = (length: number) => {
    const values = new Float32Array(length);
    stream.fillStandardNormal(values);
    return values;
  };
  const { batchSize, observationSize, actionSize } = options;
  const [observation, action] = [drawn(batchSize * observationSize), drawn(batchSize * actionSize)];
  const critic = new NetworkCritic(createInitialState(options, 3).critics[0]);
  let sum = 0;
  for (let row = 0; row < batchSize; row++) {
    const input = new Float32Array(observationSize + actionSize);
    input.set(observation.subarray(row * observationSize, (row + 1) * observationSize));
    input.set(action.subarray(row * actionSize, (row + 1) * actionSize), observationSize);
    sum += critic.value(input);
  }
  const learner = await create();
  const batch = {
    size: batchSize,
    observation,
    action,
    reward: drawn(batchSize),
    nextObservation: drawn(batchSize * observationSize),
    terminated: new Float32Array(batchSize),
  };
  // What the update measures is of the critics before it.
  await learner.update(batch, drawn(batchSize * actionSize));
  expect((await learner.readMetrics()).meanQ).toBeCloseTo(sum / batchSize, 5);
  await learner.dispose();
});
