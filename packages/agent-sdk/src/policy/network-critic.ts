import type { NetworkState } from '../td3/network-state.ts';
import { applyLinear } from './apply-linear.ts';

/** A critic that says what it believes, as `NetworkActor` plays: the same number on every machine, whatever learner it comes from. */
export class NetworkCritic {
  readonly #layers: NetworkState;
  /** Each layer's output for one row, used again for every row. */
  readonly #outputs: readonly Float32Array[];

  /** @param layers Relu between them, nothing at the end; kept, not copied */
  constructor(layers: NetworkState) {
    this.#layers = layers;
    this.#outputs = layers.map(({ outputs }) => new Float32Array(outputs));
  }

  /** Q of one state and action. @param input the observation as the learner sees it, then the action in [-1, 1] */
  value(input: Float32Array): number {
    let x = input;
    this.#layers.forEach((layer, i) => {
      const y = this.#outputs[i];
      applyLinear(layer, x, 0, y);
      if (i < this.#layers.length - 1) for (let j = 0; j < y.length; j++) y[j] = Math.max(y[j], 0);
      x = y;
    });
    return x[0];
  }
}
