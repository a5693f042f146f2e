import { AgentError } from '../errors.ts';
import type { NetworkState } from '../td3/network-state.ts';
import { checkNetwork, networkWidths } from '../td3/shape-checks.ts';
import type { Actor } from './actor.ts';
import { applyLinear } from './apply-linear.ts';
import { normalizeObservations } from './normalize-observations.ts';
import type { PolicyMemory } from './policy.ts';
import type { ObservationNormalizer } from './policy-snapshot.ts';

/**
 * An actor network that plays: observations are normalised, then go through a plain float32 multi-layer perceptron.
 * Products are summed in double precision in a fixed order, so an action is the same on every machine, alone or within
 * a batch.
 */
export class NetworkActor implements Actor {
  readonly observationSize: number;
  readonly actionSize: number;
  /** Absent: an action depends on its observation alone. */
  readonly memory?: PolicyMemory;
  readonly #widths: readonly number[];
  #layers: NetworkState;
  /** Each layer's output for one row, used again for every row. */
  readonly #outputs: readonly Float32Array[];
  readonly #normalizer: (() => ObservationNormalizer) | undefined;
  #normalized = new Float32Array(0);

  /**
   * Makes an actor of these weights.
   * @param weights Relu between layers, tanh at the end; kept, not copied
   * @param normalizer asked before every action; undefined: observations are played as they are
   * @throws AgentError SHAPE_MISMATCH when a layer does not fit the one before
   */
  constructor(weights: NetworkState, normalizer?: () => ObservationNormalizer) {
    if (weights.length === 0) {
      throw new AgentError('SHAPE_MISMATCH', 'actor: expected at least one layer, got none');
    }
    this.#widths = networkWidths(weights);
    checkNetwork('actor', weights, this.#widths);
    this.observationSize = this.#widths.at(0) ?? 0;
    this.actionSize = this.#widths.at(-1) ?? 0;
    this.#layers = weights;
    this.#outputs = weights.map((layer) => new Float32Array(layer.outputs));
    this.#normalizer = normalizer;
  }

  /** Takes on newer weights of the same shape; kept, not copied. @throws AgentError SHAPE_MISMATCH */
  setWeights(weights: NetworkState): void {
    checkNetwork('actor', weights, this.#widths);
    this.#layers = weights;
  }

  /**
   * Plays one step of each row.
   * @param observations [rows, observationSize] row-major, as the environment gave them
   * @param out [rows, actionSize] row-major, filled with actions in [-1, 1]
   * @throws AgentError SHAPE_MISMATCH
   */
  act(observations: Float32Array, out: Float32Array): void {
    const { observationSize, actionSize } = this;
    const rows = out.length / actionSize;
    if (!Number.isInteger(rows) || observations.length !== rows * observationSize) {
      throw new AgentError(
        'SHAPE_MISMATCH',
        `actor: expected observations [n, ${observationSize}] and actions [n, ${actionSize}], got ${observations.length} and ${out.length} values`,
      );
    }
    this.#forward(this.#normalize(observations), rows, out);
  }

  /** Does nothing: there is nothing to forget. */
  reset(): void {}

  #normalize(observations: Float32Array): Float32Array {
    if (this.#normalizer === undefined) return observations;
    const { length } = observations;
    if (this.#normalized.length !== length) this.#normalized = new Float32Array(length);
    normalizeObservations(observations, this.#normalizer(), this.#normalized);
    return this.#normalized;
  }

  #forward(observations: Float32Array, rows: number, out: Float32Array): void {
    const { observationSize, actionSize } = this;
    const last = this.#layers.length - 1;
    for (let row = 0; row < rows; row++) {
      let input = observations;
      let offset = row * observationSize;
      for (let i = 0; i < last; i++) {
        const hidden = this.#outputs[i];
        applyLinear(this.#layers[i], input, offset, hidden);
        for (let j = 0; j < hidden.length; j++) hidden[j] = Math.max(hidden[j], 0);
        input = hidden;
        offset = 0;
      }
      const action = this.#outputs[last];
      applyLinear(this.#layers[last], input, offset, action);
      for (let j = 0; j < actionSize; j++) out[row * actionSize + j] = Math.tanh(action[j]);
    }
  }
}
