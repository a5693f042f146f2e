import type { BrokenEpisode } from '../../rollout/collector.ts';
import type { EvaluationProgress } from '../../rollout/evaluate.ts';
import type {
  CustomMetrics,
  EpisodeMetrics,
  EvaluationMetrics,
  TrainingMetrics,
} from '../../run-folder/metrics.ts';
import type { IntervalTiming } from '../../run-folder/timing.ts';

/**
 * `completed`: all steps are done; `solved`: stopAtReturn was reached; `stopped`: a callback ended it; `interrupted`: the signal came. All updates
 * are done only at the end of a completed run: a run that stops before owes those of its last step (in alternating
 * mode: an interrupted one), and makes up for them when it is resumed.
 */
export type TrainStatus = 'completed' | 'solved' | 'stopped' | 'interrupted';

/** Stable, for programs; what each means stands in its message. */
export type WarningCode =
  /** Something was amiss in the run's folder, and was put right. */
  | 'RUN_MENDED'
  /** Actions stick to a bound, whatever is observed. */
  | 'ACTOR_SATURATED'
  /** One action is played, whatever is observed. */
  | 'ACTOR_CONSTANT'
  /** The critics believe in returns that no rewards can come to. */
  | 'VALUES_EXPLODED'
  /** The environment takes no seeds for episodes that begin by themselves: they go on with its own random streams. */
  | 'EPISODES_UNSEEDED'
  /** The simulator does not tell how episodes that were cut off ended: their last transitions are left out. */
  | 'TRANSITIONS_DROPPED';

/** Something that a person should look at; training goes on. */
export interface TrainWarning {
  readonly code: WarningCode;
  readonly envSteps: number;
  readonly message: string;
}

/** What `train` tells while it runs, in the order in which it happens. */
export type ProgressEvent =
  /** Something takes a while before the run can begin. */
  | { readonly type: 'waiting'; readonly message: string }
  /** What was decided or done of itself: another learner than the fast one computes, a connection broke and holds again. */
  | { readonly type: 'notice'; readonly message: string }
  | {
      readonly type: 'start';
      readonly envId: string;
      readonly numEnvs: number;
      /** Implementation and backend, for people. */
      readonly learner: string;
      readonly observationSize: number;
      readonly actionSize: number;
      /** Steps until an episode is truncated; 0: no limit; null: nobody could say. */
      readonly maxEpisodeSteps: number | null;
      /** Above zero when the run was resumed. */
      readonly envSteps: number;
      readonly totalEnvSteps: number;
      /** Memory of the replay buffer at the end of the run. */
      readonly replayBytes: number;
    }
  /** A vector step, with the gradient steps that the steps before it owed. */
  | {
      readonly type: 'step';
      readonly envSteps: number;
      readonly totalEnvSteps: number;
      readonly gradientSteps: number;
      readonly isWarmUp: boolean;
    }
  | ({ readonly type: 'episode' } & EpisodeMetrics)
  /** An episode was lost with its session; training goes on with new ones. */
  | ({ readonly type: 'broken'; readonly envSteps: number } & BrokenEpisode)
  | ({ readonly type: 'training'; readonly timing: IntervalTiming } & TrainingMetrics)
  /** Now and then in a long evaluation: nothing else is told meanwhile. */
  | ({ readonly type: 'evaluating'; readonly envSteps: number } & EvaluationProgress)
  | ({ readonly type: 'evaluation' } & EvaluationMetrics)
  /** A callback has measured something. */
  | ({ readonly type: 'custom' } & CustomMetrics)
  /** Told when it begins to be so, once. */
  | ({ readonly type: 'warning' } & TrainWarning)
  | { readonly type: 'checkpoint'; readonly envSteps: number; readonly path: string }
  | {
      readonly type: 'done';
      readonly status: TrainStatus;
      readonly envSteps: number;
      readonly gradientSteps: number;
    };

/** A promise is waited for. What it throws or rejects with ends the training, which is saved first. */
export type OnProgress = (event: ProgressEvent) => unknown;
