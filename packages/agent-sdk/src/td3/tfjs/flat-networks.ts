import {
  reshape,
  split,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tidy,
  type Variable,
  variable,
} from '@tensorflow/tfjs-core';
import type { LinearLayer, NetworkState } from '../network-state.ts';
import { type Activation, dense } from './differentiable.ts';

/** Networks as tensors: weight [inputs, outputs] and bias [outputs] of each layer, one after the other. */
export type Parameters = readonly Tensor[];

/**
 * Networks of equal shape (or their gradients' moments) in one flat variable, so that Adam and the target
 * update are a dozen large operations instead of hundreds of small ones. Inside, weights are
 * [inputs, outputs], the transpose of NetworkState's.
 */
export class FlatNetworks {
  readonly values: Variable;
  readonly #widths: readonly number[];
  readonly #count: number;
  readonly #shapes: readonly number[][];
  readonly #sizes: number[];

  /** Zeros. @param widths [inputs, …hidden, outputs] of each of `count` networks */
  constructor(widths: readonly number[], count: number) {
    this.#widths = widths;
    this.#count = count;
    const one = widths.slice(1).flatMap((outputs, i) => [[widths[i], outputs], [outputs]]);
    this.#shapes = Array.from({ length: count }, () => one).flat();
    this.#sizes = this.#shapes.map((shape) => shape.reduce((product, n) => product * n, 1));
    const total = this.#sizes.reduce((sum, size) => sum + size, 0);
    this.values = tidy(() => variable(tensor1d(new Float32Array(total))));
  }

  /** The current values, cut into the parameters of the first network, then of the second, and so on. */
  parameters(): Tensor[] {
    const parts = split<Tensor>(this.values, this.#sizes);
    return parts.map((part, i) => reshape(part, this.#shapes[i]));
  }

  assign(values: Tensor): void {
    this.values.assign(values);
  }

  importState(networks: readonly NetworkState[]): void {
    const flat = new Float32Array(this.values.size);
    let offset = 0;
    for (const { inputs, outputs, weight, bias } of networks.flat()) {
      transposeInto(flat.subarray(offset), weight, outputs, inputs);
      flat.set(bias, offset + weight.length);
      offset += weight.length + bias.length;
    }
    tidy(() => this.assign(tensor1d(flat)));
  }

  /** Copies. */
  exportState(): readonly NetworkState[] {
    const flat = this.values.dataSync<'float32'>();
    let offset = 0;
    const take = (length: number) => flat.subarray(offset, (offset += length));
    return Array.from({ length: this.#count }, () =>
      this.#widths.slice(1).map((outputs, i): LinearLayer => {
        const inputs = this.#widths[i];
        const weight = new Float32Array(inputs * outputs);
        transposeInto(weight, take(weight.length), inputs, outputs);
        return { inputs, outputs, weight, bias: take(outputs).slice() };
      }),
    );
  }

  dispose(): void {
    this.values.dispose();
  }
}

/** A multi-layer perceptron: Relu between layers. @param x [n, inputs] */
export function forward(parameters: Parameters, x: Tensor2D, output: Activation): Tensor2D {
  let y = x;
  for (let i = 0; i < parameters.length; i += 2) {
    const activation = i + 2 < parameters.length ? 'relu' : output;
    y = dense(y, parameters[i] as Tensor2D, parameters[i + 1] as Tensor1D, activation);
  }
  return y;
}

/** Writes the transpose of a row-major [rows, columns] matrix to the front of `out`. */
function transposeInto(out: Float32Array, matrix: Float32Array, rows: number, columns: number): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      out[column * rows + row] = matrix[row * columns + column];
    }
  }
}
