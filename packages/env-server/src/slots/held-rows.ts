/** The last observations of a session's environments, a row each of one array: one copy stacks them all. */
import { elementCount, type Space, type Tensor, type TypedArrayOf, typedArrays } from '@gymwire/protocol';

export class HeldRows {
  readonly #all: Tensor;
  readonly #rows: readonly Tensor[];

  constructor({ dtype, shape }: Pick<Tensor, 'dtype' | 'shape'>, count: number) {
    const size = elementCount(shape);
    const data = new typedArrays[dtype](count * size) as TypedArrayOf<typeof dtype>;
    this.#all = { dtype, shape: [count, ...shape], data };
    this.#rows = Array.from({ length: count }, (_, i) => ({
      dtype,
      shape,
      data: data.subarray(i * size, (i + 1) * size),
    }));
  }

  /** To be written over: the environment's last observation. */
  row(index: number): Tensor {
    return this.#rows[index];
  }

  /** In memory of its own. */
  batch(): Tensor {
    const { dtype, shape, data } = this.#all;
    return { dtype, shape, data: data.slice() };
  }
}

/** @returns undefined where observations have no rows of one size, or where there is one environment, whose own goes out */
export function holdRows(space: Space, count: number): HeldRows | undefined {
  return space.type === 'box' && count > 1 ? new HeldRows(space.low, count) : undefined;
}
