import { isCancelled } from '../../rollout/vector-env.ts';
import { runFilePath } from '../../run-folder/run-file-names.ts';
import type { TrainStatus } from '../report/progress.ts';
import { findExplodedValues } from '../watch/value-watch.ts';
import { Evaluations } from './evaluations.ts';
import { nextMultiple } from './next-multiple.ts';
import { PartClock } from './part-clock.ts';
import type { TrainingParts } from './training-parts.ts';
import { TrainingRounds } from './training-rounds.ts';
import { createCheckpoint } from './training-state.ts';

/** Round after round until a reason to stop; between them, what is due: log lines, evaluations, checkpoints. */
export class TrainingLoop {
  readonly #parts: TrainingParts;
  readonly #clock: PartClock;
  readonly #rounds: TrainingRounds;
  readonly #evaluations: Evaluations;

  constructor(parts: TrainingParts) {
    this.#parts = parts;
    this.#clock = new PartClock(parts.state.counters);
    this.#rounds = new TrainingRounds(parts, this.#clock);
    this.#evaluations = new Evaluations(parts, this.#clock);
  }

  /** False while an update has changed part of the learner: such a state must not be saved. */
  get isConsistent(): boolean {
    return this.#rounds.isConsistent;
  }

  async run(): Promise<TrainStatus> {
    const { options, state, callbacks } = this.#parts;
    const { counters } = state;
    await callbacks.start();
    for (;;) {
      await this.#rounds.update();
      if (this.#isAborted) return 'interrupted';
      await this.#logIfDue();
      const stepping = callbacks.step();
      if (stepping !== undefined) await stepping;
      await this.#evaluations.runIfDue();
      if (callbacks.stopped !== undefined) return this.#stopped();
      if (this.#isAborted) return 'interrupted';
      if (counters.envSteps >= options.totalEnvSteps) {
        await this.#evaluations.finish();
        return this.#isAborted ? 'interrupted' : 'completed';
      }
      if (callbacks.takeCheckpoint()) await this.save();
      if (callbacks.stopped !== undefined) return this.#stopped();
      try {
        await this.#rounds.collect();
      } catch (error) {
        // The step was not stored: a run that is resumed takes it again.
        if (this.#isAborted && isCancelled(error)) return 'interrupted';
        throw error;
      }
    }
  }

  /** Waits for an evaluation under way, and enters it where it is whole; one that fails too is played again by a resume. */
  async settle(): Promise<void> {
    await this.#evaluations.finish().catch(() => undefined);
  }

  /** Saves everything that a resume needs. @throws AgentError TRAINING_DIVERGED, NOT_WRITABLE, DISK_FULL */
  async save(): Promise<void> {
    const { options, environment, state, learner, actor, folder, recorder, snapshot, callbacks } =
      this.#parts;
    await this.#evaluations.finish();
    if (folder === undefined) return;
    const { envSteps, gradientSteps } = state.counters;
    await this.#clock.time('saving', async () => {
      const learnerState = await learner.exportState();
      const told = await callbacks.exportState();
      const checkpoint = createCheckpoint(options, environment, state, learnerState, actor.memory);
      await folder.writeCheckpoint({ ...checkpoint, ...(told !== undefined && { callbacks: told }) });
      await folder.writePolicy('lastPolicy', await snapshot());
    });
    await recorder.recordEvent({ type: 'checkpoint', gradientSteps });
    const path = runFilePath(folder.path, 'checkpoint');
    await recorder.tell({ type: 'checkpoint', envSteps, path });
    await callbacks.checkpoint(path);
  }

  /** The time since the last line of it, the end of the run included. */
  async recordTiming(): Promise<void> {
    const { state, recorder, collector } = this.#parts;
    await recorder.recordTiming(this.#clock.take(state.counters, collector.wireMs));
  }

  get #isAborted(): boolean {
    return this.#parts.signal?.aborted === true;
  }

  /** An evaluation under way is entered first; where the signal came as well, whoever stopped it was first. */
  async #stopped(): Promise<TrainStatus> {
    await this.#evaluations.finish();
    return this.#parts.callbacks.stopStatus;
  }

  async #logIfDue(): Promise<void> {
    const { options, state, learner, recorder } = this.#parts;
    const { counters } = state;
    if (counters.envSteps < counters.nextLogAt) return;
    counters.nextLogAt = nextMultiple(counters.envSteps, options.logInterval);
    const metrics = await learner.readMetrics();
    const told = await recorder.recordTraining(
      metrics,
      this.#clock.take(counters, this.#parts.collector.wireMs),
    );
    const exploded = findExplodedValues(metrics, state.replay.largestReward(), options.gamma);
    await recorder.recordHealth('VALUES_EXPLODED', exploded);
    await this.#parts.callbacks.training(told);
  }
}
