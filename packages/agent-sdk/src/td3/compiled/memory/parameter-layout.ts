import type { LinearLayer, NetworkState } from '../../network-state.ts';

/**
 * The places of a network's tensors. All small ones share one vector, so that a graph takes them in one feed; each large
 * matrix is a feed of its own, so that nothing copies it out of a vector.
 */
export interface NetworkLayout {
  readonly layers: readonly LayerPlace[];
  readonly smallLength: number;
  /** End to end in a second vector. */
  readonly largeMatrices: readonly LargeMatrix[];
  readonly largeLength: number;
}

/**
 * Weight [outputs, inputs] and bias [outputs], as in LinearLayer. Of the first layer, which has few inputs, the weight
 * is transposed, [inputs, outputs], and its bias is the row in front of it: so the products are faster.
 */
export interface LayerPlace {
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: TensorPlace;
  readonly bias: TensorPlace;
}

/** The place of one tensor. */
export interface TensorPlace {
  readonly part: 'small' | 'large';
  /** Elements before it in that part. */
  readonly offset: number;
  readonly length: number;
}

/** The place of a matrix that is a feed of its own. */
export interface LargeMatrix extends TensorPlace {
  readonly shape: readonly [rows: number, columns: number];
}

/** The values of one network, or of a gradient or moment of it. */
export interface NetworkArrays {
  readonly small: Float32Array;
  readonly large: Float32Array;
}

/** A matrix of so many elements is worth a feed of its own (about 2 µs) to save its copy. */
const largeMatrixLength = 16_384;

/** Returns the layout of a network. @param widths [inputs, …hidden, outputs] */
export function layOutNetwork(widths: readonly number[]): NetworkLayout {
  const largeMatrices: LargeMatrix[] = [];
  const lengths = { small: 0, large: 0 };
  const place = (rows: number, columns: number): TensorPlace => {
    const length = rows * columns;
    const part = length >= largeMatrixLength ? 'large' : 'small';
    const tensor = { part, offset: lengths[part], length } as const;
    lengths[part] += length;
    if (part === 'large') largeMatrices.push({ ...tensor, shape: [rows, columns] });
    return tensor;
  };
  const layers = widths.slice(1).map((outputs, i): LayerPlace => {
    const inputs = widths[i] ?? 0;
    if (i > 0) return { inputs, outputs, weight: place(outputs, inputs), bias: place(1, outputs) };
    const { part, offset } = place(inputs + 1, outputs);
    const weight = { part, offset: offset + outputs, length: inputs * outputs };
    return { inputs, outputs, weight, bias: { part, offset, length: outputs } };
  });
  return { layers, smallLength: lengths.small, largeMatrices, largeLength: lengths.large };
}

/** Copies a network to its places. */
export function packNetwork(layout: NetworkLayout, network: NetworkState, out: NetworkArrays): void {
  layout.layers.forEach(({ weight, bias }, i) => {
    const layer = network[i];
    if (layer === undefined) return;
    const values = i === 0 ? transposed(layer.weight, layer.outputs, layer.inputs) : layer.weight;
    out[weight.part].set(values, weight.offset);
    out[bias.part].set(layer.bias, bias.offset);
  });
}

/** Copies a network out. */
export function unpackNetwork(layout: NetworkLayout, arrays: NetworkArrays): NetworkState {
  const copy = ({ part, offset, length }: TensorPlace) => arrays[part].slice(offset, offset + length);
  return layout.layers.map(({ inputs, outputs, weight, bias }, i): LinearLayer => {
    const values = copy(weight);
    return {
      inputs,
      outputs,
      weight: i === 0 ? transposed(values, inputs, outputs) : values,
      bias: copy(bias),
    };
  });
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      out[column * rows + row] = matrix[row * columns + column];
    }
  }
  return out;
}
