import type { ServerAddress } from '../env-client/open-connection.ts';
import type { ResumeOptions, TrainOptions } from '../generated/train-options.ts';
import type { ReturnsSummary } from '../statistics/summarize-returns.ts';
import type { LearnerName, LearnerThreads } from '../td3/choose-learner.ts';
import type { ProgressEvent, TrainStatus, TrainWarning } from '../train/report/progress.ts';
import type { EnvSource } from '../train/train-request.ts';

/** What a module of `EnvModule` is told about the run that it is to open environments for. */
export interface EnvModuleContext {
  /** How many runs share this machine at a time. */
  readonly runsAtATime: number;
  /** Comes when the run is to stop: what waits for a server need wait no more. */
  readonly signal: AbortSignal;
}

/** What a module of `EnvModule` gives for a run. */
export interface OpenedEnvs {
  /** Where the environments are. */
  readonly source: EnvSource;
  /** Called once the run has ended. */
  close?(): Promise<void>;
}

/** What a module of `EnvModule` exports under the name `openEnvs`. */
export type OpenEnvs<Data = unknown> = (data: Data, context: EnvModuleContext) => Promise<OpenedEnvs>;

/** A module of one's own that says where environments come from: a function cannot travel to another process. */
export interface EnvModule {
  /** The module's URL, `import.meta.resolve('./my-envs.js')`. It exports `openEnvs`. Each run's process imports it. */
  readonly module: string | URL;
  /** What `openEnvs` is given: what JSON can say. */
  readonly data?: unknown;
}

/** Where the environments of all runs come from, one of two ways. */
export type SeedsSource =
  | {
      /** The server's address, as `train` takes it. Each run has a connection of its own. */
      readonly server: ServerAddress;
      readonly envModule?: undefined;
    }
  | { readonly envModule: EnvModule; readonly server?: undefined };

/** A group of runs that begins. */
export interface NewSeeds {
  /** One for each run, no two equal. */
  readonly seeds: readonly number[];
  /** What all runs have in common. */
  readonly options: Omit<TrainOptions, 'seed'>;
  readonly resume?: false | undefined;
}

/** A group that goes on: runs that have ended are left alone, those that were stopped go on, the others begin. */
export interface ResumedSeeds {
  readonly seeds?: undefined;
  /** Those left out are the group's own; most may not change. */
  readonly options?: Omit<ResumeOptions, 'seed'> | undefined;
  readonly resume: true;
}

/** What goes for every group. */
export interface SeedsSettings {
  /** The folder of the group: `seed0`, `seed1` and so on lie in it, an ordinary run's folder each. */
  readonly groupFolder: string;
  /** Most runs at a time. Default: `usualParallel()`. */
  readonly parallel?: number | undefined;
  /** What computes the updates, as `train` takes it. */
  readonly learner?: LearnerName | undefined;
  /** Threads of the compiled learner. Default `auto`: what suits the networks, and the cores that each run has to itself. */
  readonly learnerThreads?: LearnerThreads | undefined;
  /** Flags of Node's for the runs' processes, such as those of a loader. Default: none; `NODE_OPTIONS` goes for them anyway. */
  readonly nodeFlags?: readonly string[] | undefined;
  /** Takes a folder that a process on another machine, or in another container, has. Default false. */
  readonly takeOver?: boolean | undefined;
  /** Stops all runs after the step under way; each is saved. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the runs' processes where they are. What was not saved is lost. */
  readonly killSignal?: AbortSignal | undefined;
  /** Told what happens. A promise is not waited for. What it fails with stops the group, which is saved. */
  readonly onEvent?: ((event: SeedsEvent) => unknown) | undefined;
}

/** What `trainSeeds` takes. */
export type SeedsRequest = SeedsSource & SeedsSettings & (NewSeeds | ResumedSeeds);

/** What happens while a group trains. */
export type SeedsEvent =
  /** First of all: which seeds there are, and how many of them train at a time. */
  | { readonly type: 'group'; readonly seeds: readonly number[]; readonly runsAtATime: number }
  /** Something that is waited for, or that the process of a run printed; `seed` null: it is about the group. */
  | { readonly type: 'notice'; readonly seed: number | null; readonly message: string }
  /** The process of a run starts. */
  | { readonly type: 'begin'; readonly seed: number; readonly runFolder: string; readonly isResumed: boolean }
  /** What `train` tells of a run; of its steps, some. */
  | { readonly type: 'progress'; readonly seed: number; readonly event: ProgressEvent }
  /** A run is over for now; also told, once and first, of those that a resume leaves alone. */
  | { readonly type: 'end'; readonly run: SeedRun };

/** Why a run failed. */
export interface SeedFailure {
  /** The code of the error that ended it; `RUN_CRASHED`: its process ended without a word. */
  readonly code: string;
  /** The code of the error that led to it, where there is one. */
  readonly cause?: string | undefined;
  readonly message: string;
}

/** What became of a group's run, and how far its checkpoint is. */
export interface SeedRun {
  readonly seed: number;
  readonly runFolder: string;
  /** What `train` said; `failed`: see `failure`; `waiting`: the group was stopped before its turn came. */
  readonly status: TrainStatus | 'failed' | 'waiting';
  /** True for a run that had ended before, and was left alone. */
  readonly isUntouched: boolean;
  /** Transitions collected. */
  readonly envSteps: number;
  /** Mean return of its last evaluation. Null before the first. */
  readonly lastReturn: number | null;
  /** Mean return of its best evaluation, which flatters: it was chosen by it. */
  readonly bestReturn: number | null;
  /** Where the best evaluation was. */
  readonly bestEnvSteps: number | null;
  readonly warnings: readonly TrainWarning[];
  readonly failure?: SeedFailure | undefined;
}

/** What `trainSeeds` returns. */
export interface SeedsResult {
  /** `completed`: all runs have ended well; `interrupted`: some were stopped, and go on with a resume; else `failed`. */
  readonly status: 'completed' | 'interrupted' | 'failed';
  /** In the order of the seeds. */
  readonly runs: readonly SeedRun[];
  /** The last returns of all runs that have ended well; null where none has. */
  readonly last: ReturnsSummary | null;
  /** Their best returns. */
  readonly best: ReturnsSummary | null;
}
