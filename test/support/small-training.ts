/** Runs of a second or less: everything TD3 does, on networks of eight neurons. */
import {
  type CreateLearner,
  createCompiledLearner,
  createTfjsLearner,
  type MakeEnv,
  type TrainOptions,
  type TrainRequest,
  type TrainResult,
  train,
} from '@gymwire/agent-sdk';

/** Episodes of 25 steps, 6 of them before learning starts; evaluations, log lines and checkpoints on the way. */
export const smallRun: TrainOptions = {
  envId: 'Pendulum-v1',
  maxEpisodeSteps: 25,
  totalEnvSteps: 400,
  learningStarts: 150,
  hiddenSizes: [8, 8],
  batchSize: 16,
  bufferSize: 300,
  evaluationInterval: 120,
  evaluationEpisodes: 3,
  logInterval: 50,
  checkpointInterval: 150,
};

export const learners: Readonly<Record<'compiled' | 'twoThreads' | 'tfjs', CreateLearner>> = {
  compiled: (options, state) => createCompiledLearner(options, state, { thread: 'caller' }),
  twoThreads: (options, state) => createCompiledLearner(options, state, { threads: 2 }),
  tfjs: (options, state) => createTfjsLearner(options, state, 'cpu'),
};

export function trainSmall(
  makeEnv: MakeEnv,
  options: Partial<TrainOptions> = {},
  more: Partial<TrainRequest> = {},
): Promise<TrainResult> {
  const { compiled: createLearner } = learners;
  return train({ options: { ...smallRun, ...options }, makeEnv, createLearner, ...more });
}
