import { AgentError } from '../errors.ts';
import type { ObservationNormalizer } from './policy-snapshot.ts';

/** Normalised observations lie in ±clip; SB3's VecNormalize has the same figure, and the same epsilon. */
const clip = 10;
/** Added to the variance, so that what never changes has a scale above zero. */
const epsilon = 1e-8;

/** What a checkpoint keeps. */
export interface ObservationStatisticsState {
  /** Observations seen. */
  readonly count: number;
  /** [observationSize] */
  readonly mean: Float64Array;
  /** [observationSize]: sums of squared distances from the mean. */
  readonly squares: Float64Array;
}

/** Mean and variance of every number of an observation, over all that were added: Welford's method in float64. */
export class ObservationStatistics {
  readonly #mean: Float64Array;
  readonly #squares: Float64Array;
  #count = 0;
  /** The latest normaliser, until the next observation changes it. */
  #normalizer: ObservationNormalizer | undefined;

  constructor(observationSize: number) {
    this.#mean = new Float64Array(observationSize);
    this.#squares = new Float64Array(observationSize);
  }

  /** Counts one observation in. @param observation [observationSize], as the environment gave it; finite */
  add(observation: Float32Array): void {
    this.#checkSize(observation.length);
    this.#count++;
    for (let k = 0; k < observation.length; k++) {
      const before = observation[k] - this.#mean[k];
      const mean = this.#mean[k] + before / this.#count;
      this.#mean[k] = mean;
      this.#squares[k] = this.#squares[k] + before * (observation[k] - mean);
    }
    this.#normalizer = undefined;
  }

  /** The statistics of this moment as shift and scale; later observations do not change what was returned. */
  normalizer(): ObservationNormalizer {
    // One observation has no spread yet.
    const variance = (squares: number) => (this.#count < 2 ? 1 : squares / this.#count);
    this.#normalizer ??= {
      mean: Float32Array.from(this.#mean),
      scale: Float32Array.from(this.#squares, (squares) => Math.sqrt(variance(squares) + epsilon)),
      clip,
    };
    return this.#normalizer;
  }

  /** A copy. */
  exportState(): ObservationStatisticsState {
    return { count: this.#count, mean: this.#mean.slice(), squares: this.#squares.slice() };
  }

  /** Replaces all that was counted. @throws AgentError SHAPE_MISMATCH */
  importState({ count, mean, squares }: ObservationStatisticsState): void {
    this.#checkSize(mean.length);
    this.#checkSize(squares.length);
    this.#count = count;
    this.#mean.set(mean);
    this.#squares.set(squares);
    this.#normalizer = undefined;
  }

  #checkSize(size: number): void {
    if (size === this.#mean.length) return;
    throw new AgentError(
      'SHAPE_MISMATCH',
      `observation statistics: expected ${this.#mean.length} values, got ${size}`,
    );
  }
}
