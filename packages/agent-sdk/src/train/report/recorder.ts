import { packageVersion } from '@gymwire/protocol';
import type { BrokenEpisode, TrainingEpisode } from '../../rollout/collector.ts';
import type { EvaluationProgress } from '../../rollout/evaluate.ts';
import type { RunEvent } from '../../run-folder/events.ts';
import {
  type CustomMetrics,
  type EpisodeMetrics,
  type EvaluationMetrics,
  finiteOrNull,
  type MetricsLine,
  type TrainingMetrics,
} from '../../run-folder/metrics.ts';
import type { RunFolder } from '../../run-folder/run-folder.ts';
import type { IntervalTiming } from '../../run-folder/timing.ts';
import type { LearnerMetrics } from '../../td3/learner.ts';
import type { TrainingState } from '../loop/training-state.ts';
import type { WatchedEvaluation } from '../watch/evaluate-actor.ts';
import type { EventJournal } from './event-journal.ts';
import type { ProgressEvent, TrainWarning, WarningCode } from './progress.ts';
import type { ProgressTeller } from './progress-teller.ts';

/** Puts what happened into the run folder, if there is one, and tells whoever listens. */
export class Recorder {
  readonly #state: TrainingState;
  readonly #folder: RunFolder | undefined;
  readonly #teller: ProgressTeller;
  readonly #journal: EventJournal;
  /** Lines that wait for an evaluation of an earlier moment; undefined: none waits. */
  #held: MetricsLine[] | undefined;
  #entering = false;
  /** Those that still hold. */
  readonly #warnings = new Map<WarningCode, TrainWarning>();

  constructor(
    state: TrainingState,
    folder: RunFolder | undefined,
    teller: ProgressTeller,
    journal: EventJournal,
  ) {
    this.#state = state;
    this.#folder = folder;
    this.#teller = teller;
    this.#journal = journal;
    journal.attach({ folder, counters: state.counters });
  }

  /** @returns a promise where it is to be waited for @throws AgentError PROGRESS_FAILED */
  tell(event: ProgressEvent): void | Promise<void> {
    return this.#teller.tell(event);
  }

  get warnings(): readonly TrainWarning[] {
    return [...this.#warnings.values()];
  }

  /** Puts an event into the run's folder. @throws AgentError RUN_LOST, NOT_WRITABLE, DISK_FULL, also of one before */
  async recordEvent(event: RunEvent): Promise<void> {
    this.#journal.note(event);
    await this.#journal.settled();
  }

  /** What was put right in the run's folder before it went on. */
  async recordMended(message: string): Promise<void> {
    const { envSteps } = this.#state.counters;
    await this.recordEvent({ type: 'warning', code: 'RUN_MENDED', message });
    await this.tell({ type: 'warning', code: 'RUN_MENDED', envSteps, message });
  }

  /** Warns when something begins to be wrong. @param message undefined: it is not wrong, or no longer */
  async recordHealth(
    code: WarningCode,
    message: string | undefined,
    envSteps = this.#state.counters.envSteps,
  ): Promise<void> {
    if (message === undefined) {
      this.#warnings.delete(code);
      return;
    }
    if (this.#warnings.has(code)) return;
    const warning = { code, envSteps, message };
    this.#warnings.set(code, warning);
    await this.recordEvent({ type: 'warning', code, message });
    await this.tell({ type: 'warning', ...warning });
  }

  tellEvaluating(progress: EvaluationProgress, envSteps: number): void | Promise<void> {
    return this.tell({ type: 'evaluating', envSteps, ...progress });
  }

  /** From now on lines wait: one of this moment has to come first. What happens is told as it happens. */
  hold(): void {
    this.#held = [];
  }

  /** The lines of the moment at which holding began are written now; those that wait go on waiting. */
  enterHeld(): void {
    this.#entering = true;
  }

  /** Writes what has waited, and holds nothing any more. */
  async releaseHeld(): Promise<void> {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#entering = false;
    for (const line of held) await this.#append(line);
  }

  async #append(line: MetricsLine): Promise<void> {
    if (this.#held !== undefined && !this.#entering) this.#held.push(line);
    else await this.#folder?.append('metrics', line);
  }

  async recordStart(learner: string): Promise<void> {
    const { gradientSteps, resumes } = this.#state.counters;
    const machine = { version: packageVersion, learner, node: process.version, platform: process.platform };
    await this.recordEvent(
      resumes > 0 ? { type: 'resume', gradientSteps, resumes, ...machine } : { type: 'start', ...machine },
    );
  }

  async recordEpisode(episode: TrainingEpisode): Promise<EpisodeMetrics> {
    const { envIndex, length, terminated } = episode;
    const { envSteps } = this.#state.counters;
    const metrics = { envSteps, envIndex, return: episode.return, length, terminated };
    await this.#append({ type: 'episode', ...metrics });
    await this.tell({ type: 'episode', ...metrics });
    return metrics;
  }

  /** @param callback who measured it */
  async recordCustom(callback: string, metrics: CustomMetrics['metrics']): Promise<void> {
    const { envSteps, gradientSteps } = this.#state.counters;
    const line = { type: 'custom', envSteps, gradientSteps, callback, metrics } as const;
    await this.#append(line);
    await this.tell(line);
  }

  async recordBroken(episode: BrokenEpisode): Promise<void> {
    const metrics = { envSteps: this.#state.counters.envSteps, ...episode };
    await this.recordEvent({ type: 'broken', ...episode });
    await this.tell({ type: 'broken', ...metrics });
  }

  /** Also starts the next interval. */
  async recordTraining(learner: LearnerMetrics, timing: IntervalTiming): Promise<TrainingMetrics> {
    const { counters, interval, replay } = this.#state;
    const { envSteps, gradientSteps } = counters;
    const metrics: TrainingMetrics = {
      envSteps,
      gradientSteps,
      policyUpdates: learner.policyUpdates,
      replaySize: replay.size,
      ...(counters.droppedTransitions !== undefined && { droppedTransitions: counters.droppedTransitions }),
      episodes: interval.episodes,
      meanEpisodeReturn: finiteOrNull(interval.returnSum / interval.episodes),
      meanEpisodeLength: finiteOrNull(interval.lengthSum / interval.episodes),
      criticLoss: finiteOrNull(learner.criticLoss),
      actorLoss: finiteOrNull(learner.actorLoss),
      meanQ: finiteOrNull(learner.meanQ),
      meanTarget: finiteOrNull(learner.meanTarget),
      actorSaturation: finiteOrNull(interval.saturatedOutputs / interval.actorOutputs),
    };
    await this.#append({ type: 'training', ...metrics });
    await this.recordTiming(timing);
    await this.tell({ type: 'training', timing, ...metrics });
    Object.assign(interval, {
      episodes: 0,
      returnSum: 0,
      lengthSum: 0,
      actorOutputs: 0,
      saturatedOutputs: 0,
    });
    return metrics;
  }

  async recordTiming(timing: IntervalTiming): Promise<void> {
    const { envSteps } = this.#state.counters;
    await this.#folder?.append('timing', { type: 'interval', envSteps, ...timing });
  }

  /** @param moment of the run, which may have gone on since */
  async recordEvaluation(
    { result, values }: Pick<WatchedEvaluation, 'result' | 'values'>,
    isBest: boolean,
    { envSteps, gradientSteps }: Pick<TrainingState['counters'], 'envSteps' | 'gradientSteps'>,
  ): Promise<EvaluationMetrics> {
    const { episodes, meanReturn, stdReturn, meanLength, returns, lengths } = result;
    const metrics = {
      envSteps,
      gradientSteps,
      episodes,
      meanReturn,
      stdReturn,
      meanLength,
      returns,
      lengths,
      ...values,
      isBest,
    };
    await this.#append({ type: 'evaluation', ...metrics });
    await this.tell({ type: 'evaluation', ...metrics });
    return metrics;
  }
}
