import type { Tensor } from 'onnxruntime-node';
import type { OnnxRuntime } from './onnx-runtime.ts';
import type { ParameterLayout } from './parameter-layout.ts';
import { segmentName } from './traced-networks.ts';

interface FlatVector {
  readonly layout: ParameterLayout;
  readonly sides: readonly [Float32Array, Float32Array];
}

/**
 * Named flat vectors that one graph replaces together: a run reads the front and writes the back, then they change
 * places, so that nothing is copied or allocated. Where the graph's only reader of a vector is an elementwise
 * ancestor of what replaces it, front and back may be one, which halves the memory that passes through the caches.
 */
export class Bank {
  readonly #vectors: ReadonlyMap<string, FlatVector>;
  readonly #tensors: readonly [Readonly<Record<string, Tensor>>, Readonly<Record<string, Tensor>>];
  #front: 0 | 1 = 0;

  /**
   * @param doubled vectors with a back of their own
   * @param inPlace vectors that are overwritten while the graph runs
   */
  constructor(
    runtime: OnnxRuntime,
    doubled: Readonly<Record<string, ParameterLayout>>,
    inPlace: Readonly<Record<string, ParameterLayout>>,
  ) {
    const vectors = new Map<string, FlatVector>();
    for (const [name, layout] of Object.entries(doubled)) {
      vectors.set(name, {
        layout,
        sides: [new Float32Array(layout.length), new Float32Array(layout.length)],
      });
    }
    for (const [name, layout] of Object.entries(inPlace)) {
      const values = new Float32Array(layout.length);
      vectors.set(name, { layout, sides: [values, values] });
    }
    this.#vectors = vectors;
    this.#tensors = [this.#makeTensors(runtime, 0), this.#makeTensors(runtime, 1)];
  }

  get front(): 0 | 1 {
    return this.#front;
  }

  swap(): void {
    this.#front = this.#front === 0 ? 1 : 0;
  }

  has(name: string): boolean {
    return this.#vectors.has(name);
  }

  /** The current elements of a vector; valid until the next swap. */
  values(name: string): Float32Array {
    const vector = this.#vectors.get(name);
    if (vector === undefined) throw new RangeError(`no flat vector "${name}"`);
    return vector.sides[this.#front];
  }

  /** Views of the segments of one side, by segment name. */
  tensors(side: 0 | 1): Readonly<Record<string, Tensor>> {
    return this.#tensors[side];
  }

  #makeTensors(runtime: OnnxRuntime, side: 0 | 1): Record<string, Tensor> {
    const tensors: Record<string, Tensor> = {};
    for (const [name, { layout, sides }] of this.#vectors) {
      layout.segments.forEach(({ offset, shape }, i) => {
        const length = shape.reduce((product, n) => product * n, 1);
        const view = sides[side].subarray(offset, offset + length);
        tensors[segmentName(name, i)] = new runtime.Tensor('float32', view, shape);
      });
    }
    return tensors;
  }
}
