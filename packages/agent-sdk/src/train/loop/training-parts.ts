import type { RunEnvironment } from '../../checkpoint/checkpoint.ts';
import type { ResolvedTrainOptions } from '../../generated/train-options.ts';
import type { Actor } from '../../policy/actor.ts';
import type { PolicySnapshot } from '../../policy/policy-snapshot.ts';
import type { Collector } from '../../rollout/collector.ts';
import type { RunFolder, RunSeeding } from '../../run-folder/run-folder.ts';
import type { Learner } from '../../td3/learner.ts';
import type { Recorder } from '../report/recorder.ts';
import type { WatchedEvaluation } from '../watch/evaluate-actor.ts';
import type { EvaluatedCritics } from '../watch/value-trace.ts';
import type { CallbackHost } from './callback-host.ts';
import type { LiveActor } from './live-actor.ts';
import type { TrainingState } from './training-state.ts';
import type { Updater } from './updater.ts';

/** What the loop works with; `train` puts it together. */
export interface TrainingParts {
  readonly options: ResolvedTrainOptions;
  readonly environment: RunEnvironment;
  readonly seeding: RunSeeding;
  readonly state: TrainingState;
  readonly collector: Collector;
  readonly updater: Updater;
  readonly learner: Learner;
  readonly actor: LiveActor;
  /**
   * Plays the evaluation episodes, as the evaluation after so many steps, and asks the critics of that moment what they
   * believe; rejects when the signal comes.
   */
  readonly evaluate: (
    actor: Actor,
    critics: EvaluatedCritics,
    envSteps: number,
  ) => Promise<WatchedEvaluation>;
  /** Training goes on meanwhile. */
  readonly evaluatesAlongside: boolean;
  /** The live actor as it is deployed. */
  readonly snapshot: () => Promise<PolicySnapshot>;
  readonly recorder: Recorder;
  readonly callbacks: CallbackHost;
  readonly folder: RunFolder | undefined;
  /** What was put right in the folder before it went on. */
  readonly mended: readonly string[];
  readonly signal: AbortSignal | undefined;
}
