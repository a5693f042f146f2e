/** One space's values, a row an environment, in one stretch of memory. */
import {
  copyOver,
  type DType,
  elementCount,
  isTensor,
  type Space,
  type Tensor,
  Tuple,
  type TypedArrayOf,
  typedArrays,
  type Value,
  type ValueDict,
} from '@gymwire/protocol';

type ViewType = new (memory: ArrayBufferLike, start: number, length: number) => TypedArrayOf<DType>;

/** Lays out arrays end to end, each at a multiple of 8 bytes; without memory it only counts. */
export class Arena {
  readonly #memory: ArrayBufferLike | undefined;
  #byteLength = 0;

  constructor(memory?: ArrayBufferLike) {
    this.#memory = memory;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  take<D extends DType>(dtype: D, length: number): TypedArrayOf<D> {
    const arrayType: ViewType & { readonly BYTES_PER_ELEMENT: number } = typedArrays[dtype];
    const start = this.#byteLength;
    this.#byteLength += Math.ceil((length * arrayType.BYTES_PER_ELEMENT) / 8) * 8;
    const array =
      this.#memory === undefined
        ? new arrayType(new ArrayBuffer(0), 0, 0)
        : new arrayType(this.#memory, start, length);
    return array as TypedArrayOf<D>;
  }

  /** All that was taken since there were `start` bytes. */
  bytesFrom(start: number): Uint8Array {
    if (this.#memory === undefined) return new Uint8Array();
    return new Uint8Array(this.#memory, start, this.#byteLength - start);
  }
}

/** Returns whether a space is a Box, or Dicts and Tuples of Boxes: what has rows of one size. */
export function hasBoxRows(space: Space): boolean {
  switch (space.type) {
    case 'box':
      return true;
    case 'dict':
      return space.entries.every(([, inner]) => hasBoxRows(inner));
    case 'tuple':
      return space.spaces.every(hasBoxRows);
    default:
      return false;
  }
}

/** @returns one value a row, whose tensors are views of the arena's memory */
export function takeBoxRows(space: Space, count: number, arena: Arena): readonly Value[] {
  switch (space.type) {
    case 'box':
      return takeTensorRows(space.low, count, arena);
    case 'dict': {
      const columns = space.entries.map(([key, inner]) => [key, takeBoxRows(inner, count, arena)] as const);
      return rows(count, (i) => Object.fromEntries(columns.map(([key, column]) => [key, column[i]])));
    }
    case 'tuple': {
      const columns = space.spaces.map((inner) => takeBoxRows(inner, count, arena));
      return rows(count, (i) => new Tuple(columns.map((column) => column[i])));
    }
    default:
      throw new TypeError(`a ${space.type} space has no rows of one size`);
  }
}

function takeTensorRows({ dtype, shape }: Tensor, count: number, arena: Arena): readonly Tensor[] {
  const size = elementCount(shape);
  const all = arena.take(dtype, count * size);
  return rows(count, (i) => ({ dtype, shape, data: all.subarray(i * size, (i + 1) * size) }));
}

function rows<T>(count: number, row: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => row(i));
}

/** Writes a member of the row's space into it. */
export function writeRow(row: Value, member: Value): void {
  if (isTensor(row)) {
    copyOver(row.data, (member as Tensor).data);
  } else if (row instanceof Tuple) {
    for (const [i, inner] of row.items.entries()) writeRow(inner, (member as Tuple).items[i]);
  } else {
    for (const [key, inner] of Object.entries(row as ValueDict)) writeRow(inner, (member as ValueDict)[key]);
  }
}

/** In memory of its own: what comes next does not change it. */
export function copyRow(row: Value): Value {
  if (isTensor(row)) return { dtype: row.dtype, shape: row.shape, data: row.data.slice() };
  if (row instanceof Tuple) return new Tuple(row.items.map(copyRow));
  return Object.fromEntries(Object.entries(row as ValueDict).map(([key, inner]) => [key, copyRow(inner)]));
}
