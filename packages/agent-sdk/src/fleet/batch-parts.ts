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
} from '@gymwire/protocol';
import { describeValue, isDict } from './foreign-value.ts';

/**
 * Rows `first … first + count - 1` of a batch; arrays are views. What has not the structure of a batch comes back whole: a
 * server names what is wrong with it.
 */
export function sliceBatch(space: Space, batch: Value, first: number, count: number): Value {
  if (space.type === 'dict') {
    if (!isDict(batch)) return batch;
    const spaces = new Map(space.entries);
    const entries = Object.entries(batch).map(([key, part]) => {
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

/** What one host answered for its environments, and how many rows that should be. */
export interface HostBatch {
  /** Its address. */
  readonly host: string;
  readonly rows: number;
  readonly batch: Value | undefined;
}

/**
 * Batches of one space, one after the other. A single one is handed on as it is.
 * @param where what they are, for errors
 * @throws GymwireError MALFORMED for what is no batch of the space, naming its host, what came and where
 */
export function joinBatches(space: Space, parts: readonly HostBatch[], where = 'observation'): Value {
  if (parts.length === 1) return parts[0].batch ?? null;
  switch (space.type) {
    case 'dict': {
      const dicts = parts.map((part) => dictOf(part, space.entries, where));
      return Object.fromEntries(
        space.entries.map(([key, inner]) => {
          const own = parts.map((part, i) => ({ ...part, batch: dicts[i][key] }));
          return [key, joinBatches(inner, own, `${where}.${key}`)];
        }),
      );
    }
    case 'tuple': {
      const tuples = parts.map((part) => tupleOf(part, space.spaces.length, where));
      return new Tuple(
        space.spaces.map((inner, i) => {
          const own = parts.map((part, at) => ({ ...part, batch: tuples[at][i] }));
          return joinBatches(inner, own, `${where}[${i}]`);
        }),
      );
    }
    case 'text':
      return new Tuple(parts.flatMap((part) => tupleOf(part, part.rows, where)));
    default:
      return joinTensors(
        parts.map((part) => tensorOf(part, where)),
        parts,
        where,
      );
  }
}

function joinTensors(tensors: readonly Tensor[], parts: readonly HostBatch[], where: string): Tensor {
  const [{ dtype, shape }] = tensors;
  const rowShape = shape.slice(1);
  for (const [i, tensor] of tensors.entries()) {
    const fits = tensor.dtype === dtype && String(tensor.shape.slice(1)) === String(rowShape);
    if (!fits) throw malformed(parts[i], where, `${dtype} [${[parts[i].rows, ...rowShape].join(', ')}]`);
  }
  const rows = tensors.reduce((sum, tensor) => sum + tensor.shape[0], 0);
  const data = new typedArrays[dtype](rows * elementCount(rowShape)) as TypedArrayOf<typeof dtype>;
  let at = 0;
  for (const tensor of tensors) {
    (data as Float64Array).set(tensor.data as Float64Array, at);
    at += tensor.data.length;
  }
  return { dtype, shape: [rows, ...rowShape], data };
}

function dictOf(
  part: HostBatch,
  entries: readonly (readonly [string, Space])[],
  where: string,
): { readonly [key: string]: Value } {
  const { batch } = part;
  const expected = () => `a dictionary with the keys ${entries.map(([key]) => key).join(', ')}`;
  if (!isDict(batch)) throw malformed(part, where, expected());
  const hasAll = entries.every(([key]) => Object.hasOwn(batch, key));
  if (!hasAll || Object.keys(batch).length !== entries.length) throw malformed(part, where, expected());
  return batch;
}

function tupleOf(part: HostBatch, length: number, where: string): readonly Value[] {
  const { batch } = part;
  if (batch instanceof Tuple && batch.items.length === length) return batch.items;
  throw malformed(part, where, `a tuple of ${length}`);
}

function tensorOf(part: HostBatch, where: string): Tensor {
  const { batch, rows } = part;
  if (isTensor(batch) && batch.shape[0] === rows) return batch;
  throw malformed(part, where, `an array of ${rows} rows`);
}

function malformed({ host, batch }: HostBatch, where: string, expected: string): GymwireError {
  return new GymwireError(
    'MALFORMED',
    `${where} of ${host}: expected ${expected}, got ${describeValue(batch)}`,
  );
}
