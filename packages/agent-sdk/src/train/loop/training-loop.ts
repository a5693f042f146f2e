import type { EvaluationResult } from '../../rollout/evaluate.ts';
import { isCancelled } from '../../rollout/vector-env.ts';
import type { IntervalTiming } from '../../run-folder/metrics.ts';
import { runFilePath } from '../../run-folder/run-files.ts';
import type { TrainStatus } from '../report/progress.ts';
import type { WatchedEvaluation } from '../watch/evaluate-actor.ts';
import { findExplodedValues } from '../watch/value-watch.ts';
import { isSolved } from './run-end.ts';
import { Stopwatch } from './stopwatch.ts';
import type { TrainingParts } from './training-parts.ts';
import { TrainingRounds } from './training-rounds.ts';
import { checkFinite, createCheckpoint } from './training-state.ts';

/** Round after round until a reason to stop; between them, what is due: log lines, evaluations, checkpoints. */
export class TrainingLoop {
  readonly #parts: TrainingParts;
  readonly #stopwatch = new Stopwatch<'collect' | 'update'>();
  readonly #rounds: TrainingRounds;
  #stepsAtLastLog: { readonly envSteps: number; readonly gradientSteps: number };
  #nextCheckpointAt: number;

  constructor(parts: TrainingParts) {
    this.#parts = parts;
    this.#rounds = new TrainingRounds(parts, this.#stopwatch);
    const { envSteps, gradientSteps } = parts.state.counters;
    this.#stepsAtLastLog = { envSteps, gradientSteps };
    // A new run's first is due at once: whatever happens next, the run can be resumed.
    this.#nextCheckpointAt = envSteps === 0 ? 0 : nextMultiple(envSteps, parts.options.checkpointInterval);
  }

  /** False while an update has changed part of the learner: such a state must not be saved. */
  get isConsistent(): boolean {
    return this.#rounds.isConsistent;
  }

  async run(): Promise<TrainStatus> {
    const { options, state } = this.#parts;
    const { counters } = state;
    for (;;) {
      await this.#rounds.update();
      if (this.#isAborted) return 'interrupted';
      await this.#logIfDue();
      await this.#evaluateIfDue();
      if (isSolved(options, state)) return 'solved';
      if (this.#isAborted) return 'interrupted';
      if (counters.envSteps >= options.totalEnvSteps) return 'completed';
      await this.#checkpointIfDue();
      try {
        await this.#rounds.collect();
      } catch (error) {
        // The step was not stored: a run that is resumed takes it again.
        if (this.#isAborted && isCancelled(error)) return 'interrupted';
        throw error;
      }
    }
  }

  /** Saves everything that a resume needs. @throws AgentError TRAINING_DIVERGED, NOT_WRITABLE, DISK_FULL */
  async save(): Promise<void> {
    const { options, environment, state, learner, actor, folder, recorder, snapshot } = this.#parts;
    if (folder === undefined) return;
    const learnerState = await learner.exportState();
    await folder.writeCheckpoint(createCheckpoint(options, environment, state, learnerState, actor.memory));
    await folder.writePolicy('lastPolicy', await snapshot());
    const { envSteps } = state.counters;
    await recorder.tell({ type: 'checkpoint', envSteps, path: runFilePath(folder.path, 'checkpoint') });
  }

  get #isAborted(): boolean {
    return this.#parts.signal?.aborted === true;
  }

  async #logIfDue(): Promise<void> {
    const { options, state, learner, recorder } = this.#parts;
    const { counters } = state;
    if (counters.envSteps < counters.nextLogAt) return;
    counters.nextLogAt = nextMultiple(counters.envSteps, options.logInterval);
    const metrics = await learner.readMetrics();
    await recorder.recordTraining(metrics, this.#takeTiming());
    const exploded = findExplodedValues(metrics, state.replay.largestReward(), options.gamma);
    await recorder.recordHealth('VALUES_EXPLODED', exploded);
  }

  #takeTiming(): IntervalTiming {
    const { envSteps, gradientSteps } = this.#parts.state.counters;
    const seconds = this.#stopwatch.seconds();
    const timing = {
      seconds,
      envStepsPerSecond: (envSteps - this.#stepsAtLastLog.envSteps) / seconds,
      gradientStepsPerSecond: (gradientSteps - this.#stepsAtLastLog.gradientSteps) / seconds,
      collectSeconds: this.#stopwatch.seconds('collect'),
      updateSeconds: this.#stopwatch.seconds('update'),
    };
    this.#stepsAtLastLog = { envSteps, gradientSteps };
    this.#stopwatch.reset();
    return timing;
  }

  /** Every evaluationInterval steps and at the end. An evaluation that the signal cuts off never happened. */
  async #evaluateIfDue(): Promise<void> {
    const { options, state, evaluate } = this.#parts;
    const { counters } = state;
    const isLast =
      counters.envSteps >= options.totalEnvSteps && counters.lastEvaluationAt !== counters.envSteps;
    if (counters.envSteps < counters.nextEvaluationAt && !isLast) return;
    // Saturated actors play on with ±1, whatever became of the numbers behind them.
    checkFinite(await this.#parts.learner.exportState());
    let evaluation: WatchedEvaluation;
    try {
      evaluation = await evaluate();
    } catch (error) {
      if (this.#isAborted) return;
      throw error;
    }
    await this.#keepEvaluation(evaluation.result);
    for (const code of ['ACTOR_SATURATED', 'ACTOR_CONSTANT'] as const) {
      const { fault } = evaluation;
      await this.#parts.recorder.recordHealth(code, fault?.code === code ? fault.message : undefined);
    }
  }

  async #keepEvaluation(result: EvaluationResult): Promise<void> {
    const { options, state, snapshot, folder, recorder } = this.#parts;
    const { counters } = state;
    const { episodes, meanReturn, stdReturn, meanLength } = result;
    counters.nextEvaluationAt = nextMultiple(counters.envSteps, options.evaluationInterval);
    counters.lastEvaluationAt = counters.envSteps;
    state.lastEvaluation = { episodes, meanReturn, stdReturn, meanLength };
    const isBest = meanReturn > (state.best?.evaluation?.meanReturn ?? -Infinity);
    if (isBest) {
      state.best = await snapshot();
      await folder?.writePolicy('bestPolicy', state.best);
    }
    await recorder.recordEvaluation(result, isBest);
  }

  async #checkpointIfDue(): Promise<void> {
    const { options, state } = this.#parts;
    const { counters } = state;
    if (counters.envSteps < this.#nextCheckpointAt) return;
    this.#nextCheckpointAt = nextMultiple(counters.envSteps, options.checkpointInterval);
    await this.save();
  }
}

function nextMultiple(steps: number, interval: number): number {
  return (Math.floor(steps / interval) + 1) * interval;
}
