/** Rows of batches, of whatever space. */
import { isTensor, type Space, Tuple, type Value } from '@gymwire/protocol';
import { isDict } from './difference.ts';
import { expectSame } from './expectations.ts';

/** Row i of a batch. */
export function rowOf(space: Space, batch: Value, i: number): Value {
  if (space.type === 'dict' && isDict(batch)) {
    return Object.fromEntries(
      space.entries.map(([key, inner]) => [key, rowOf(inner, batch[key] ?? null, i)]),
    );
  }
  if (batch instanceof Tuple) {
    const { items } = batch;
    if (space.type === 'tuple') {
      return new Tuple(space.spaces.map((inner, k) => rowOf(inner, items[k] ?? null, i)));
    }
    return items[i] ?? null;
  }
  if (!isTensor(batch)) return batch;
  const [, ...shape] = batch.shape;
  const size = shape.reduce((product, n) => product * n, 1);
  return { dtype: batch.dtype, shape, data: batch.data.subarray(i * size, (i + 1) * size) };
}

/** How many rows each array of a batch has. */
function rowCounts(space: Space, batch: Value, where: string): Array<readonly [string, number]> {
  if (space.type === 'dict' && isDict(batch)) {
    return space.entries.flatMap(([key, inner]) => rowCounts(inner, batch[key] ?? null, `${where}.${key}`));
  }
  if (space.type === 'tuple' && batch instanceof Tuple) {
    return space.spaces.flatMap((inner, i) => rowCounts(inner, batch.items[i] ?? null, `${where}[${i}]`));
  }
  if (batch instanceof Tuple) return [[where, batch.items.length]];
  return [[where, isTensor(batch) ? (batch.shape[0] ?? 0) : 0]];
}

/** @throws Broken where an array of a batch has another number of rows */
export function expectRows(space: Space, batch: Value, count: number, where: string): void {
  for (const [at, rows] of rowCounts(space, batch, where)) expectSame(rows, count, `rows of ${at}`);
}
