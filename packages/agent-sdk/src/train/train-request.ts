import type { ResolvedTrainOptions, TrainOptions } from '../options/option-schema.ts';
import type { PolicySnapshot } from '../policy/policy-snapshot.ts';
import type { VectorEnv } from '../rollout/vector-env.ts';
import type { Learner, LearnerOptions } from '../td3/learner.ts';
import type { LearnerState } from '../td3/network-state.ts';
import type { OnProgress, TrainStatus, TrainWarning } from './report/progress.ts';

/** What the trainer asks for when it needs an environment. */
export interface EnvRequest {
  readonly purpose: 'training' | 'evaluation';
  readonly envId: string;
  readonly envArguments: ResolvedTrainOptions['envArguments'];
  /** 0 for no limit, null for the environment's own. */
  readonly maxEpisodeSteps: number | null;
  /** With a single environment any mode will do, and in an evaluation; otherwise the mode changes the run. */
  readonly autoresetMode: ResolvedTrainOptions['autoresetMode'];
  /** Training needs exactly as many; evaluation is as good, though slower, with fewer. */
  readonly numEnvs: number;
}

export type MakeEnv = (request: EnvRequest) => Promise<VectorEnv>;

/** Makes a learner that goes on from the state, `createTfjsLearner` for one. */
export type CreateLearner = (options: LearnerOptions, state: LearnerState) => Promise<Learner>;

export interface TrainRequest {
  readonly options: TrainOptions;
  /**
   * Called twice; `remoteEnvs(connection)` makes them on a server. What was made is held against the options. The
   * trainer closes what it is given.
   */
  readonly makeEnv: MakeEnv;
  /** Called once; the trainer disposes of what it is given. */
  readonly createLearner: CreateLearner;
  /** Where to save; absent: nothing is saved. */
  readonly runFolder?: string | undefined;
  /** Go on with the run in `runFolder`. Options left out are the run's own. Default false. */
  readonly resume?: boolean | undefined;
  /** Of a run folder that a process on another machine, or in another container, has: take it. Default false. */
  readonly takeOver?: boolean | undefined;
  /** Stops after the step under way, saves, and returns with status `interrupted`. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface TrainResult {
  readonly status: TrainStatus;
  readonly options: ResolvedTrainOptions;
  readonly envSteps: number;
  readonly gradientSteps: number;
  readonly episodes: number;
  /** The actor as it is at the end. */
  readonly policy: PolicySnapshot;
  /** The actor of the best evaluation; null when there was none. */
  readonly best: PolicySnapshot | null;
  /** What was wrong when last looked at, and is likely to be wrong with the policy; see also the event `warning`. */
  readonly warnings: readonly TrainWarning[];
  /** All of the learner's state at the end. */
  readonly learner: LearnerState;
}
