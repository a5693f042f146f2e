import type { TrainOptions } from './option-schema.ts';

type Preset = Omit<Partial<TrainOptions>, 'envId' | 'seed'>;

/** What differs from the defaults for environments whose good settings are known; given options win over these. */
const presets: Readonly<Record<string, Preset>> = {
  // Learning rate, gamma and the number of steps: RL Zoo's td3.yml. Networks and batch are smaller than there,
  // since the task needs no more and the plain learner is slow.
  'Pendulum-v1': {
    totalEnvSteps: 20_000,
    hiddenSizes: [64, 64],
    batchSize: 128,
    actorLearningRate: 1e-3,
    criticLearningRate: 1e-3,
    gamma: 0.98,
    learningStarts: 1_000,
    evaluationInterval: 1_000,
    checkpointInterval: 5_000,
  },
  // Noise, its size and the number of steps: RL Zoo's td3.yml. White noise never reaches the goal, where all of
  // the reward is; uniform warm-up actions are white, hence the short warm-up.
  'MountainCarContinuous-v0': {
    totalEnvSteps: 300_000,
    explorationNoiseType: 'ornstein-uhlenbeck',
    explorationNoise: 0.5,
    learningStarts: 100,
    evaluationInterval: 5_000,
  },
  // RL Zoo's td3.yml: the reward of a stroke comes late.
  'Swimmer-v5': { gamma: 0.9999 },
};

/** Empty for an environment without a preset. */
export function presetFor(envId: string): Preset {
  return Object.hasOwn(presets, envId) ? (presets[envId] ?? {}) : {};
}
