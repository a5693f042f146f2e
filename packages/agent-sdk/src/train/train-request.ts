import type { TrainCallback } from '../callbacks/callback.ts';
import type { ServerAddress, ServerOrConnection } from '../env-client/open-connection.ts';
import type { ResolvedTrainOptions, ResumeOptions, TrainOptions } from '../generated/train-options.ts';
import type { PolicySnapshot } from '../policy/policy-snapshot.ts';
import type { VectorEnv } from '../rollout/vector-env.ts';
import type { LearnerName, LearnerThreads } from '../td3/choose-learner.ts';
import type { CreateLearner } from '../td3/learner.ts';
import type { LearnerState } from '../td3/network-state.ts';
import type { OnProgress, TrainStatus, TrainWarning } from './report/progress.ts';

/** What the trainer asks for when it needs an environment. */
export interface EnvRequest {
  /** What it is for: an evaluation has environments of its own. */
  readonly purpose: 'training' | 'evaluation';
  /** The id of the option. */
  readonly envId: string;
  /** Keyword arguments to make it with. */
  readonly envArguments: ResolvedTrainOptions['envArguments'];
  /** 0 for no limit, null for the environment's own. */
  readonly maxEpisodeSteps: number | null;
  /** With a single environment any mode will do, and in an evaluation; otherwise the mode changes the run. */
  readonly autoresetMode: ResolvedTrainOptions['autoresetMode'];
  /** Training needs exactly as many; evaluation is as good, though slower, with fewer. */
  readonly numEnvs: number;
}

/** Makes the environments of a training, or of its evaluations. */
export type MakeEnv = (request: EnvRequest) => Promise<VectorEnv>;

/** Where a run's environments come from, one of three ways. */
export type EnvSource =
  | {
      /**
       * Makes environments of one's own, on a server or in this process. Called twice; what was made is held against
       * the options. The trainer closes what it is given.
       */
      readonly makeEnv: MakeEnv;
      readonly server?: undefined;
      readonly connection?: undefined;
      readonly evaluationServer?: undefined;
    }
  | (ServerOrConnection & {
      readonly makeEnv?: undefined;
      /** Where evaluations are played, while training goes on. Connected to and closed again. Default: where training is, in turns. */
      readonly evaluationServer?: ServerAddress | undefined;
    });

/** What computes the updates, one of two ways. */
export type LearnerSource =
  | {
      /** Makes a learner of one's own. Called once; the trainer disposes of what it is given. */
      readonly createLearner: CreateLearner;
      readonly learner?: undefined;
      readonly learnerThreads?: undefined;
    }
  | {
      /** What computes the updates. Default `auto`: the compiled learner, and tfjs where its library does not load. */
      readonly learner?: LearnerName | undefined;
      /** Threads of the compiled learner; changes no bit of a run. Default `auto`: what suits networks and machine. */
      readonly learnerThreads?: LearnerThreads | undefined;
      readonly createLearner?: undefined;
    };

/** A run that goes on. */
export interface ResumedRun extends RunSettings {
  /** Those left out are the run's own; most may not change. */
  readonly options?: ResumeOptions | undefined;
  /** The folder of the run that goes on. */
  readonly runFolder: string;
  /** Go on with the run in `runFolder`. */
  readonly resume: true;
}

/** A run that begins. */
export interface NewRun extends RunSettings {
  /** What to train on, and how; only `envId` has no default. */
  readonly options: TrainOptions;
  /** The folder to save in; absent: nothing is saved. */
  readonly runFolder?: string | undefined;
  /** A run in `runFolder` already is an error. */
  readonly resume?: false | undefined;
}

/** A run that goes on where its folder holds one, and begins otherwise: `resume: existsSync(runFolder)`. */
export interface BegunOrResumedRun extends RunSettings {
  /** What to train on, and how; a run that goes on must have been started with the same. */
  readonly options: TrainOptions;
  /** The folder of the run. */
  readonly runFolder: string;
  /** True where `runFolder` holds a run already, which then goes on. */
  readonly resume: boolean;
}

/** What goes for every run. */
export interface RunSettings {
  /**
   * Training goes on while an evaluation is played, by the actor as it was; the run's files are the same. With `stopAtReturn` it
   * waits all the same. Default: true with an `evaluationServer`, else false.
   */
  readonly evaluateAlongside?: boolean | undefined;
  /** Takes a run folder that a process on another machine, or in another container, has. Default false. */
  readonly takeOver?: boolean | undefined;
  /**
   * Stops after the step under way, saves, and returns with status `interrupted`; waits for no broken connection. While
   * `train` still connects and makes environments there is nothing to return: it rejects with the signal's reason at once.
   */
  readonly signal?: AbortSignal | undefined;
  /** Told what happens while it runs. A promise is waited for; what it fails with ends the training, which is saved. */
  readonly onProgress?: OnProgress | undefined;
  /**
   * Called while it trains; they may stop the run, ask for evaluations and checkpoints, change learning rates and add metrics. Ready
   * ones are in `@gymwire/agent-sdk/callbacks`. A run that goes on is given the same again.
   */
  readonly callbacks?: readonly TrainCallback[] | undefined;
}

/** What `train` takes: environments, a learner, options, and where to save. */
export type TrainRequest = EnvSource & LearnerSource & (ResumedRun | BegunOrResumedRun | NewRun);

/** What `train` returns: the policies, and how far the run came. */
export interface TrainResult {
  /** `completed`: all steps were taken; `solved`: `stopAtReturn` was reached; `stopped`: a callback ended it; `interrupted`: `signal` stopped it. */
  readonly status: TrainStatus;
  /** Which callback stopped it, and why: `stopAtReturn` is the option of this name. Null: it was not stopped by one. */
  readonly stoppedBy: { readonly callback: string; readonly reason: string } | null;
  /** All options of the run: those given, over the environment's preset, over the defaults. */
  readonly options: ResolvedTrainOptions;
  /** Transitions collected in all environments, those before a resume included. */
  readonly envSteps: number;
  /** Updates of both critics, those before a resume included. */
  readonly gradientSteps: number;
  /** Episodes that ended in training, those before a resume included. */
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
