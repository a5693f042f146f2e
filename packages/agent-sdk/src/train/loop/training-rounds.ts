import type { CollectedStep } from '../../rollout/collector.ts';
import type { PartClock } from './part-clock.ts';
import type { TrainingParts } from './training-parts.ts';

/**
 * Steps the environments and has the learner update, in one of two orders:
 *
 * `alternating`: a vector step, then the updates that its transitions owe, as TD3's algorithm 1 has it.
 * `pipelined`: a vector step while the updates run that the step before owes. The actor in it is the one after
 * the updates of the step before that; batches come from a replay without the transitions under way, since these
 * are stored when both are over. So nothing depends on which of the two is faster.
 *
 * Between any two calls nothing is under way: the run can be logged, evaluated, saved, left and entered again.
 */
export class TrainingRounds {
  readonly #parts: TrainingParts;
  readonly #clock: PartClock;
  #isUpdating = false;

  constructor(parts: TrainingParts, clock: PartClock) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** False while an update has changed part of the learner: such a state must not be saved. */
  get isConsistent(): boolean {
    return !this.#isUpdating;
  }

  /**
   * Pays the updates that no vector step will overlap: in pipelined mode those that a run's last step owes, in
   * alternating mode all of them.
   */
  async update(): Promise<void> {
    const { mode, totalEnvSteps } = this.#parts.options;
    const { envSteps } = this.#parts.state.counters;
    if (mode === 'alternating' || envSteps >= totalEnvSteps) await this.#update();
  }

  /**
   * One vector step, in pipelined mode together with the updates owed. Comes back, be it with an error, only when
   * nothing is under way any more; of two failures neither hides the other.
   */
  async collect(): Promise<void> {
    const { state, options, collector } = this.#parts;
    const isWarmUp = state.counters.envSteps < options.learningStarts;
    // A step of nothing but resets counts for nothing: else the actor's age would depend on the autoreset mode.
    const overlaps = options.mode === 'pipelined' && !collector.onlyResets;
    const collecting = this.#collect(isWarmUp);
    const updating = overlaps ? this.#update() : undefined;
    const [collected, updated] = await Promise.allSettled([collecting, updating]);
    if (updated.status === 'rejected') {
      throw collected.status === 'rejected' ? both(updated.reason, collected.reason) : updated.reason;
    }
    if (collected.status === 'rejected') throw collected.reason;
    this.#store(collected.value, isWarmUp);
    await this.#tell(collected.value, isWarmUp);
  }

  #collect(isWarmUp: boolean): Promise<CollectedStep> {
    return this.#clock.time('environment', () => this.#parts.collector.step(isWarmUp));
  }

  #update(): Promise<void> {
    return this.#clock.time('learner', () => this.#payOwed());
  }

  /** The signal ends it between two updates. */
  async #payOwed(): Promise<void> {
    const { updater, actor, learner, options, state, signal } = this.#parts;
    while (updater.owed > 0 && signal?.aborted !== true) {
      this.#isUpdating = true;
      await updater.update();
      this.#isUpdating = false;
    }
    await actor.follow(learner, Math.floor(state.counters.gradientSteps / options.policyDelay));
  }

  #store(step: CollectedStep, isWarmUp: boolean): void {
    const { counters, interval, replay, observationStatistics } = this.#parts.state;
    for (const { observation, action, reward, nextObservation, terminated, ...one } of step.transitions) {
      replay.add(observation, action, reward, nextObservation, terminated);
      observationStatistics?.add(observation);
      // Of an episode's last transition both are new; otherwise the next one begins where this one ends.
      if (one.isNextKnown && step.episodes.some((episode) => episode.envIndex === one.envIndex)) {
        observationStatistics?.add(nextObservation);
      }
    }
    counters.envSteps += step.transitions.length;
    if (step.dropped > 0) counters.droppedTransitions = (counters.droppedTransitions ?? 0) + step.dropped;
    if (!isWarmUp) counters.learningTransitions += step.transitions.length;
    counters.episodes += step.episodes.length;
    interval.episodes += step.episodes.length;
    for (const episode of step.episodes) {
      interval.returnSum += episode.return;
      interval.lengthSum += episode.length;
    }
    interval.actorOutputs += step.actorOutputs;
    interval.saturatedOutputs += step.saturatedOutputs;
  }

  async #tell(step: CollectedStep, isWarmUp: boolean): Promise<void> {
    const { recorder, options, state, callbacks } = this.#parts;
    for (const episode of step.episodes) {
      const metrics = await recorder.recordEpisode(episode);
      const told = callbacks.episode(metrics);
      if (told !== undefined) await told;
    }
    for (const episode of step.broken) await recorder.recordBroken(episode);
    if (step.dropped > 0) await recorder.recordHealth('TRANSITIONS_DROPPED', nextUnknown(options.envId));
    const { envSteps, gradientSteps } = state.counters;
    const { totalEnvSteps } = options;
    const told = recorder.tell({ type: 'step', envSteps, totalEnvSteps, gradientSteps, isWarmUp });
    if (told !== undefined) await told;
  }
}

function nextUnknown(envId: string): string {
  return (
    `${envId} does not tell the last observations of its episodes: a transition with which an episode was cut off is left out, ` +
    'since nobody knows what it led to (one that terminated is kept); see droppedTransitions in the metrics'
  );
}

function both(...errors: readonly unknown[]): AggregateError {
  const messages = errors.map((error) => (error instanceof Error ? error.message : String(error)));
  return new AggregateError(errors, messages.join('; at the same time: '));
}
