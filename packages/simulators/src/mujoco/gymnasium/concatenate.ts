import { clip } from './numpy.ts';

/** An array, or its elements from the second number on and below the third. */
type Part = readonly [values: ArrayLike<number>, from?: number, to?: number];

/**
 * np.concatenate of slices of one-dimensional arrays: a fresh array. Copied element by element: a subarray for
 * each slice would cost more than the copy, and the garbage collector dear.
 */
export function concatenate(...parts: readonly Part[]): Float64Array<ArrayBuffer> {
  let size = 0;
  for (const [values, from = 0, to = values.length] of parts) size += to - from;
  const joined = new Float64Array(size);
  let next = 0;
  for (const [values, from = 0, to = values.length] of parts) {
    for (let i = from; i < to; i++) joined[next++] = values[i];
  }
  return joined;
}

/** np.clip of every element. */
export function clipAll(values: Float64Array, low: number, high: number): Float64Array {
  const clipped = values.slice();
  for (let i = 0; i < clipped.length; i++) clipped[i] = clip(clipped[i], low, high);
  return clipped;
}
