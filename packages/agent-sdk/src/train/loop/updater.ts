import { normalizeObservations } from '../../policy/normalize-observations.ts';
import type { ObservationNormalizer } from '../../policy/policy-snapshot.ts';
import { createBatch } from '../../replay/batch.ts';
import type { Batch, Learner, LearnerOptions } from '../../td3/learner.ts';
import { owedUpdates } from './run-end.ts';
import type { TrainingState } from './training-state.ts';

/** Draws a batch and its target noise, and has the learner take one gradient step. */
export class Updater {
  readonly #learner: Learner;
  readonly #state: TrainingState;
  readonly #ratio: number;
  readonly #batch: Batch;
  readonly #targetNoise: Float32Array;

  /** @param ratio gradient steps for each transition */
  constructor(learner: Learner, state: TrainingState, options: LearnerOptions, ratio: number) {
    this.#learner = learner;
    this.#state = state;
    this.#ratio = ratio;
    this.#batch = createBatch(options.batchSize, options.observationSize, options.actionSize);
    this.#targetNoise = new Float32Array(options.batchSize * options.actionSize);
  }

  /** Gradient steps that the transitions collected since learning started still owe. */
  get owed(): number {
    return owedUpdates(this.#state.counters, this.#ratio);
  }

  async update(): Promise<void> {
    const { replay, streams, counters, observationStatistics } = this.#state;
    replay.sample(this.#batch, streams.batchIndices);
    if (observationStatistics !== null) this.#normalize(observationStatistics.normalizer());
    streams.targetNoise.fillStandardNormal(this.#targetNoise);
    await this.#learner.update(this.#batch, this.#targetNoise);
    counters.gradientSteps++;
  }

  /** The replay holds observations as they came: what is known of them now goes for the oldest too. */
  #normalize(normalizer: ObservationNormalizer): void {
    const { observation, nextObservation } = this.#batch;
    normalizeObservations(observation, normalizer, observation);
    normalizeObservations(nextObservation, normalizer, nextObservation);
  }
}
