/** What a group and the processes of its runs say to each other. */
import type { ServerAddress } from '../env-client/open-connection.ts';
import type { ResolvedTrainOptions } from '../generated/train-options.ts';
import type { LearnerName, LearnerThreads } from '../td3/choose-learner.ts';
import type { ProgressEvent, TrainStatus, TrainWarning } from '../train/report/progress.ts';
import type { SeedFailure } from './seeds-request.ts';

/** All that the process of a run needs to know. It goes through a pipe: a token is in no argument and no environment. */
export interface SeedTask {
  readonly source: { readonly server: ServerAddress } | { readonly module: string; readonly data: unknown };
  readonly options: ResolvedTrainOptions;
  readonly runFolder: string;
  readonly resume: boolean;
  readonly takeOver: boolean;
  readonly learner: LearnerName | undefined;
  readonly learnerThreads: LearnerThreads | undefined;
  readonly runsAtATime: number;
}

/** To the process of a run. Signals would do on some systems, and not on Windows. */
export type ToSeed = { readonly type: 'run'; readonly task: SeedTask } | { readonly type: 'stop' };

/** What became of a run. */
export type SeedOutcome =
  | { readonly type: 'ended'; readonly status: TrainStatus; readonly warnings: readonly TrainWarning[] }
  | { readonly type: 'failed'; readonly failure: SeedFailure };

/** From the process of a run. */
export type FromSeed = { readonly type: 'progress'; readonly event: ProgressEvent } | SeedOutcome;
