/** Runs of a second or less: everything TD3 does, on networks of eight neurons. */
import {
  type EnvConnection,
  type LearnerName,
  type TrainOptions,
  type TrainResult,
  train,
} from '@gymwire/agent-sdk';
import {
  type CreateLearner,
  createCompiledLearner,
  createTfjsLearner,
  type MakeEnv,
  type NewRun,
  type ResumedRun,
  type ResumeOptions,
  type RunSettings,
} from '@gymwire/agent-sdk/parts';

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

/** What a test may ask for beside the options. */
export interface SmallTraining extends RunSettings {
  /** Instead of the small run's. */
  readonly options?: ResumeOptions;
  readonly makeEnv?: MakeEnv;
  readonly createLearner?: CreateLearner;
  readonly learner?: LearnerName;
  readonly runFolder?: string;
  readonly resume?: boolean;
}

/** @param where a server, or what makes environments without one */
export function trainSmall(
  where: EnvConnection | MakeEnv,
  options: Partial<TrainOptions> = {},
  more: SmallTraining = {},
): Promise<TrainResult> {
  const { createLearner = learners.compiled, learner, runFolder, resume = false } = more;
  const { takeOver, signal, onProgress, callbacks } = more;
  const given = more.options ?? { ...smallRun, ...options };
  const makeEnv = more.makeEnv ?? (typeof where === 'function' ? where : undefined);
  const goal: NewRun | ResumedRun = resume
    ? { options: given, runFolder: runFolder ?? '', resume }
    : { options: { ...given, envId: given.envId ?? smallRun.envId }, runFolder };
  const source = makeEnv === undefined ? { connection: where as EnvConnection } : { makeEnv };
  const computes = learner === undefined ? { createLearner } : { learner };
  return train({ ...goal, ...source, ...computes, takeOver, signal, onProgress, callbacks });
}
