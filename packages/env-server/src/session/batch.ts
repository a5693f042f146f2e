/** Many values of one space ⇄ one batch with a leading dimension, as Gymnasium's vector environments do it. */
import {
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
import { integerOf, isDict } from '../slots/space-member.ts';

/** Stacks members of `space`; Text becomes a tuple of strings. The result shares no memory with its rows. */
export function stack(space: Space, rows: readonly Value[]): Value {
  switch (space.type) {
    case 'box':
      return stackTensors(space.low, rows);
    case 'multi-discrete':
      return stackTensors(space.nvec, rows);
    case 'multi-binary':
      return stackTensors({ dtype: 'int8', shape: space.shape }, rows.map(asNumbers));
    case 'discrete': {
      const integers = rows.map((row) => integerOf(row) ?? 0n);
      return { dtype: 'int64', shape: [rows.length], data: BigInt64Array.from(integers) };
    }
    case 'dict':
      return Object.fromEntries(
        space.entries.map(([key, inner]) => [
          key,
          stack(
            inner,
            rows.map((row) => (row as ValueDict)[key]),
          ),
        ]),
      );
    case 'tuple':
      return new Tuple(
        space.spaces.map((inner, i) =>
          stack(
            inner,
            rows.map((row) => (row as Tuple).items[i]),
          ),
        ),
      );
    case 'text':
      return new Tuple(rows);
  }
}

/** Bits may come as int64, whose elements no array of int8 takes. */
function asNumbers(row: Value): Value {
  const { dtype, shape, data } = row as Tensor;
  if (dtype !== 'int64' && dtype !== 'uint64') return row;
  return { dtype: 'int8', shape, data: Int8Array.from(data, Number) };
}

function stackTensors({ dtype, shape }: Pick<Tensor, 'dtype' | 'shape'>, rows: readonly Value[]): Tensor {
  const size = elementCount(shape);
  const data = new typedArrays[dtype](rows.length * size) as TypedArrayOf<typeof dtype>;
  for (let row = 0; row < rows.length; row++) {
    const source = (rows[row] as Tensor).data;
    const start = row * size;
    // Short rows: a loop beats the call into TypedArray.set.
    for (let i = 0; i < size; i++) data[start + i] = source[i];
  }
  return { dtype, shape: [rows.length, ...shape], data };
}

/**
 * All rows of a batch, looked at together.
 * @param bounds as of `findMismatch`
 * @returns false also where a look at each row must say: for spaces other than a Box of floats
 */
export function isBatchOf(space: Space, batch: Value, count: number, bounds: boolean): boolean {
  if (space.type !== 'box' || !isTensor(batch)) return false;
  const { low, high } = space;
  const { dtype, shape, data } = batch;
  const size = low.data.length;
  if (dtype !== low.dtype || !isStackOf(shape, low.shape) || data.length !== count * size) return false;
  if (data.constructor !== low.data.constructor) return false;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return false;
  // Of what is not finite the difference is none.
  for (let i = 0; i < data.length; i++) if (data[i] - data[i] !== 0) return false;
  if (!bounds) return true;
  for (let i = 0, column = 0; i < data.length; i++, column++) {
    if (column === size) column = 0;
    if (data[i] < low.data[column] || data[i] > high.data[column]) return false;
  }
  return true;
}

function isStackOf(shape: readonly number[], row: readonly number[]): boolean {
  if (shape.length !== row.length + 1) return false;
  for (let i = 0; i < row.length; i++) if (shape[i + 1] !== row[i]) return false;
  return true;
}

/** Up to this many elements a copy costs less than a view. */
const copiedRow = 32;

/**
 * The rows of a batch. Dictionaries and tuples of batches become rows of dictionaries and tuples.
 * @returns undefined when the batch has not the structure of `count` members of `space`
 */
export function unstack(space: Space, batch: Value, count: number): Value[] | undefined {
  switch (space.type) {
    case 'dict': {
      if (!isDict(batch)) return undefined;
      const keys = Object.keys(batch);
      const columns = keys.map((key) => {
        const inner = space.entries.find(([name]) => name === key)?.[1];
        return inner && unstack(inner, batch[key], count);
      });
      return fromColumns(columns, count, (row) =>
        Object.fromEntries(row.map((value, i) => [keys[i], value])),
      );
    }
    case 'tuple': {
      if (!(batch instanceof Tuple) || batch.items.length !== space.spaces.length) return undefined;
      const columns = space.spaces.map((inner, i) => unstack(inner, batch.items[i], count));
      return fromColumns(columns, count, (row) => new Tuple(row));
    }
    case 'text':
      return batch instanceof Tuple && batch.items.length === count ? [...batch.items] : undefined;
    default:
      return isTensor(batch) && batch.shape[0] === count ? unstackTensor(batch, count) : undefined;
  }
}

/** Rows across columns of `count` values; undefined where a column is none. */
function fromColumns(
  columns: ReadonlyArray<readonly Value[] | undefined>,
  count: number,
  toRow: (values: Value[]) => Value,
): Value[] | undefined {
  if (!columns.every((column) => column !== undefined)) return undefined;
  return Array.from({ length: count }, (_, row) => toRow(columns.map((column) => column[row])));
}

function unstackTensor({ dtype, shape, data }: Tensor, count: number): Tensor[] | undefined {
  const rowShape = shape.slice(1);
  const size = elementCount(rowShape);
  if (data.length !== count * size) return undefined;
  const rows = new Array<Tensor>(count);
  const Row = typedArrays[dtype];
  for (let row = 0; row < count; row++) {
    const start = row * size;
    if (size > copiedRow) {
      rows[row] = { dtype, shape: rowShape, data: data.subarray(start, start + size) };
      continue;
    }
    const copy = new Row(size) as TypedArrayOf<typeof dtype>;
    for (let i = 0; i < size; i++) copy[i] = data[start + i];
    rows[row] = { dtype, shape: rowShape, data: copy };
  }
  return rows;
}
