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
import { integerOf, isDict } from './space-member.ts';

/** Stacks members of `space`; Text becomes a tuple of strings. The result shares no memory with its rows. */
export function stack(space: Space, rows: readonly Value[]): Value {
  switch (space.type) {
    case 'box':
      return stackTensors(space.low, rows);
    case 'multi-discrete':
      return stackTensors(space.nvec, rows);
    case 'multi-binary':
      return stackTensors({ dtype: 'int8', shape: space.shape }, rows);
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
 * Row i of a batch, as a view.
 * @returns undefined when the batch has not the structure of `count` members of `space`
 */
export function unstack(space: Space, batch: Value, count: number, row: number): Value | undefined {
  switch (space.type) {
    case 'dict': {
      if (!isDict(batch)) return undefined;
      const entries = Object.keys(batch).map((key) => {
        const inner = space.entries.find(([name]) => name === key)?.[1];
        return [key, inner && unstack(inner, batch[key], count, row)] as const;
      });
      return entries.some(([, value]) => value === undefined)
        ? undefined
        : (Object.fromEntries(entries) as ValueDict);
    }
    case 'tuple': {
      if (!(batch instanceof Tuple) || batch.items.length !== space.spaces.length) return undefined;
      const items = space.spaces.map((inner, i) => unstack(inner, batch.items[i], count, row));
      return items.includes(undefined) ? undefined : new Tuple(items as Value[]);
    }
    case 'text':
      return batch instanceof Tuple && batch.items.length === count ? batch.items[row] : undefined;
    default: {
      if (!isTensor(batch) || batch.shape[0] !== count) return undefined;
      const shape = batch.shape.slice(1);
      const size = elementCount(shape);
      return { dtype: batch.dtype, shape, data: batch.data.subarray(row * size, (row + 1) * size) };
    }
  }
}
