import { clip } from './numpy.ts';

/** np.concatenate of one-dimensional arrays: a fresh array. */
export function concatenate(parts: readonly Float64Array[]): Float64Array<ArrayBuffer> {
  const joined = new Float64Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** np.clip of every element. */
export function clipAll(values: Float64Array, low: number, high: number): Float64Array {
  return values.map((x) => clip(x, low, high));
}
