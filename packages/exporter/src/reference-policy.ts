import { actionSizeOf, observationSizeOf, type PolicyDefinition } from './policy-definition.ts';
import type { LinearLayer } from './policy-snapshot.ts';

/** Half the distance from 1 to the next float32. */
const unitRoundoff = 2 ** -24;

export interface ReferenceAction {
  /** [actionSize], environment units, within the bounds. */
  readonly action: Float64Array;
  /**
   * [actionSize]: how far rounding in float32 may move the action, as a running error estimate: each sum
   * loses 2 · unitRoundoff · Σ|terms|, errors of different inputs add up as independent ones do. An estimate,
   * but no action of the networks in the tests was ever further off.
   */
  readonly uncertainty: Float64Array;
}

/** The policy in float64, straight from its definition: what ONNX Runtime's answer is measured against. */
export class ReferencePolicy {
  readonly #definition: PolicyDefinition;

  constructor(definition: PolicyDefinition) {
    this.#definition = definition;
  }

  act(observation: Float32Array): ReferenceAction {
    let wave = this.#normalize(observation);
    const { layers } = this.#definition;
    layers.forEach((layer, i) => {
      wave = linear(layer, wave);
      if (i < layers.length - 1) relu(wave);
    });
    return this.#rescale(wave);
  }

  #normalize(observation: Float32Array): Wave {
    const size = observationSizeOf(this.#definition);
    const wave = createWave(size);
    const { normalizer } = this.#definition;
    for (let i = 0; i < size; i++) {
      const value = observation[i];
      if (normalizer === undefined) {
        wave.value[i] = value;
        continue;
      }
      const { mean, scale, clip } = normalizer;
      const normalized = (value - mean[i]) / scale[i];
      wave.value[i] = Math.min(Math.max(normalized, -clip), clip);
      // The subtraction and the division round once each; a clipped value is exact.
      wave.error[i] = Math.abs(normalized) > clip ? 0 : 2 * unitRoundoff * Math.abs(normalized);
    }
    return wave;
  }

  /** tanh is monotone, so the ends of the interval around its argument bound its value too. */
  #rescale({ value, error }: Wave): ReferenceAction {
    const size = actionSizeOf(this.#definition);
    const action = new Float64Array(size);
    const uncertainty = new Float64Array(size);
    for (let k = 0; k < size; k++) {
      const low = this.#definition.actionLow[k];
      const high = this.#definition.actionHigh[k];
      const scale = (high - low) / 2;
      const bias = (high + low) / 2;
      const z = value[k];
      const dz = error[k];
      action[k] = Math.min(Math.max(Math.tanh(z) * scale + bias, low), high);
      const spread = Math.max(Math.tanh(z + dz) - Math.tanh(z), Math.tanh(z) - Math.tanh(z - dz));
      // 8: runtimes approximate tanh to a few units in the last place.
      uncertainty[k] = spread * scale + unitRoundoff * (8 * scale + 2 * Math.abs(bias));
    }
    return { action, uncertainty };
  }
}

/** Values with the rounding error that a float32 computation of them would carry. */
interface Wave {
  readonly value: Float64Array;
  readonly error: Float64Array;
}

function createWave(size: number): Wave {
  return { value: new Float64Array(size), error: new Float64Array(size) };
}

function linear({ inputs, outputs, weight, bias }: LinearLayer, input: Wave): Wave {
  const { value, error } = input;
  const output = createWave(outputs);
  for (let j = 0; j < outputs; j++) {
    let sum = bias[j];
    let magnitude = Math.abs(sum);
    let variance = 0;
    const row = j * inputs;
    for (let i = 0; i < inputs; i++) {
      const w = weight[row + i];
      const term = w * value[i];
      const termError = w * error[i];
      sum += term;
      magnitude += Math.abs(term);
      variance += termError * termError;
    }
    output.value[j] = sum;
    output.error[j] = Math.sqrt(variance) + 2 * unitRoundoff * magnitude;
  }
  return output;
}

function relu({ value, error }: Wave): void {
  value.forEach((x, j) => {
    if (x > 0) return;
    value[j] = 0;
    // A value that rounding could lift above zero keeps the part of its error that would show.
    error[j] = Math.max(0, x + error[j]);
  });
}
