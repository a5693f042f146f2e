import type { LinearLayer, NetworkState } from '../network-state.ts';

/**
 * Where one layer lies in a flat vector: weight [outputs, inputs] and bias [outputs], as in LinearLayer. A network's
 * first layer has few inputs, and products are faster where its weight is transposed, [inputs, outputs], and its bias
 * is one more row right behind it.
 */
export interface LayerPlace {
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: TensorPlace;
  readonly bias: TensorPlace;
}

/** `length` elements of a segment, from `offset` within it. */
export interface TensorPlace {
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
}

/**
 * A range of the flat vector that the graph treats as one tensor. The first holds all small tensors end to end;
 * each large matrix is a segment of its own, so that nothing copies it in or out of the vector.
 */
export interface Segment {
  /** From the start of the flat vector. */
  readonly offset: number;
  /** [1, length], or a large matrix's [outputs, inputs]. */
  readonly shape: readonly number[];
}

/** How networks of equal shape share one flat vector. */
export interface ParameterLayout {
  readonly length: number;
  readonly segments: readonly Segment[];
  /** Per network its layers. */
  readonly networks: readonly (readonly LayerPlace[])[];
}

/** A matrix of so many elements is worth a feed and a fetch of its own (about 1 µs each) to save its copies. */
const largeMatrixLength = 16_384;

/** Segments begin at whole cache lines (of 16 float32 elements): passes over straddling vectors take 4 % longer. */
const alignment = 16;

/** @param widths [inputs, …hidden, outputs] of each of `count` networks */
export function layOut(widths: readonly number[], count: number): ParameterLayout {
  const large: number[][] = [];
  let smallLength = 0;
  const place = (shape: number[]): TensorPlace => {
    const length = shape.reduce((product, n) => product * n, 1);
    if (length >= largeMatrixLength) return { segment: large.push(shape), offset: 0, length };
    smallLength += length;
    return { segment: 0, offset: smallLength - length, length };
  };
  const networks = Array.from({ length: count }, () =>
    widths.slice(1).map((outputs, i) => {
      const inputs = widths[i] ?? 0;
      if (i > 0) return { inputs, outputs, weight: place([outputs, inputs]), bias: place([outputs]) };
      const { segment, offset } = place([inputs + 1, outputs]);
      const weight = { segment, offset, length: inputs * outputs };
      return { inputs, outputs, weight, bias: { segment, offset: offset + weight.length, length: outputs } };
    }),
  );
  const segments: Segment[] = [];
  let length = 0;
  for (const shape of [[1, smallLength], ...large]) {
    segments.push({ offset: length, shape });
    const used = shape.reduce((product, n) => product * n, 1);
    length += Math.ceil(used / alignment) * alignment;
  }
  return { length, segments, networks };
}

/** Copies networks into the flat vector. */
export function packNetworks(
  layout: ParameterLayout,
  networks: readonly NetworkState[],
  flat: Float32Array,
): void {
  layout.networks.forEach((places, n) => {
    places.forEach(({ weight, bias }, i) => {
      const layer = networks[n]?.[i];
      if (layer === undefined) return;
      const values = i === 0 ? transposed(layer.weight, layer.outputs, layer.inputs) : layer.weight;
      flat.set(values, startOf(layout, weight));
      flat.set(layer.bias, startOf(layout, bias));
    });
  });
}

/** Copies networks out of the flat vector. */
export function unpackNetworks(layout: ParameterLayout, flat: Float32Array): NetworkState[] {
  const copy = (place: TensorPlace): Float32Array => {
    const start = startOf(layout, place);
    return flat.slice(start, start + place.length);
  };
  return layout.networks.map((places) =>
    places.map(({ inputs, outputs, weight, bias }, i): LinearLayer => {
      const values = copy(weight);
      return {
        inputs,
        outputs,
        weight: i === 0 ? transposed(values, inputs, outputs) : values,
        bias: copy(bias),
      };
    }),
  );
}

function startOf(layout: ParameterLayout, { segment, offset }: TensorPlace): number {
  return (layout.segments[segment]?.offset ?? 0) + offset;
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      out[column * rows + row] = matrix[row * columns + column] as number;
    }
  }
  return out;
}
