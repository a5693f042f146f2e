/** A batch of one space ⇄ the parts of it that the hosts of a fleet have. */
import {
  elementCount,
  GymwireError,
  isTensor,
  type Space,
  type Tensor,
  Tuple,
  type TypedArrayOf,
  typedArrays,
  type Value,
  type ValueDict,
} from '@gymwire/protocol';

/**
 * Rows `first … first + count - 1` of a batch; arrays are views. What has not the structure of a batch comes back whole: a
 * server names what is wrong with it.
 */
export function sliceBatch(space: Space, batch: Value, first: number, count: number): Value {
  if (space.type === 'dict') {
    if (typeof batch !== 'object' || batch === null || isTensor(batch)) return batch;
    const spaces = new Map(space.entries);
    const entries = Object.entries(batch as ValueDict).map(([key, part]) => {
      const inner = spaces.get(key);
      return [key, inner === undefined ? part : sliceBatch(inner, part, first, count)] as const;
    });
    return Object.fromEntries(entries);
  }
  if (space.type === 'tuple' || space.type === 'text') {
    if (!(batch instanceof Tuple)) return batch;
    const { items } = batch;
    if (space.type === 'text') return new Tuple(items.slice(first, first + count));
    if (items.length !== space.spaces.length) return batch;
    return new Tuple(items.map((part, i) => sliceBatch(space.spaces[i], part, first, count)));
  }
  if (!isTensor(batch)) return batch;
  const [, ...rowShape] = batch.shape;
  const size = elementCount(rowShape);
  return {
    dtype: batch.dtype,
    shape: [count, ...rowShape],
    data: batch.data.subarray(first * size, (first + count) * size),
  };
}

/**
 * Batches of one space, one after the other. A single one is handed on as it is.
 * @throws GymwireError MALFORMED for what is no batch of the space
 */
export function joinBatches(space: Space, batches: readonly Value[]): Value {
  if (batches.length === 1) return batches[0];
  switch (space.type) {
    case 'dict':
      return Object.fromEntries(
        space.entries.map(([key, inner]) => [
          key,
          joinBatches(
            inner,
            batches.map((batch) => (batch as ValueDict)[key]),
          ),
        ]),
      );
    case 'tuple':
      return new Tuple(
        space.spaces.map((inner, i) =>
          joinBatches(
            inner,
            batches.map((batch) => tupleOf(batch)[i]),
          ),
        ),
      );
    case 'text':
      return new Tuple(batches.flatMap((batch) => tupleOf(batch)));
    default:
      return joinTensors(batches.map(tensorOf));
  }
}

function joinTensors(tensors: readonly Tensor[]): Tensor {
  const [{ dtype, shape }] = tensors;
  const rows = tensors.reduce((sum, tensor) => sum + tensor.shape[0], 0);
  const length = tensors.reduce((sum, { data }) => sum + data.length, 0);
  const data = new typedArrays[dtype](length) as TypedArrayOf<typeof dtype>;
  let at = 0;
  for (const tensor of tensors) {
    if (tensor.dtype !== dtype) throw malformed(`arrays of ${dtype} and of ${tensor.dtype}`);
    (data as Float64Array).set(tensor.data as Float64Array, at);
    at += tensor.data.length;
  }
  return { dtype, shape: [rows, ...shape.slice(1)], data };
}

function tensorOf(batch: Value): Tensor {
  if (isTensor(batch)) return batch;
  throw malformed(`something that is no array`);
}

function tupleOf(batch: Value): readonly Value[] {
  if (batch instanceof Tuple) return batch.items;
  throw malformed(`something that is no tuple`);
}

function malformed(what: string): GymwireError {
  return new GymwireError('MALFORMED', `the hosts of a fleet answered with ${what} for one space`);
}
