/** NumPy's scalars and sums, as the tasks' rewards and infos need them. */
import { Scalar, type Tensor } from '@gymwire/protocol';

export const np64 = (value: number) => new Scalar('float64', value);
export const np32 = (value: number) => new Scalar('float32', value);

/** A copy as a NumPy array of one dimension. */
export function np64Array(values: Float64Array): Tensor<'float64'> {
  return { dtype: 'float64', shape: [values.length], data: Float64Array.from(values) };
}

/** np.clip */
export function clip(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}

/** Euclidean norm. */
export function norm(...vector: readonly number[]): number {
  return Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
}

/**
 * `weight * np.sum(np.square(values))`: of a float32 array, in float32, with a Python float as weight (NEP 50).
 */
export function weightedSquares32(weight: number, values: Float32Array): number {
  return Math.fround(Math.fround(weight) * sumOfSquares(values));
}

/** The same of a float64 array. */
export function weightedSquares64(weight: number, values: Float64Array): number {
  return weight * sumOfSquares(values);
}

/**
 * np.sum of up to 128 contiguous elements: eight sums side by side, then the rest. All is kept in arrays of the
 * values' own type, which round as NumPy does.
 * Source: NumPy, pairwise summation in numpy/_core/src/umath/loops_utils.h.src.
 */
function sumOfSquares(values: Float32Array | Float64Array): number {
  const { length } = values;
  if (length > 128) throw new RangeError('sumOfSquares: NumPy splits sums of more than 128 elements');
  const squares = values.slice();
  for (let i = 0; i < length; i++) squares[i] *= squares[i];
  const sums = squares.slice(0, 8);
  let next = 1;
  if (length >= 8) {
    for (next = 8; next + 8 <= length; next += 8) {
      for (let j = 0; j < 8; j++) sums[j] += squares[next + j];
    }
    for (let j = 0; j < 8; j += 2) sums[j] += sums[j + 1];
    sums[0] += sums[2];
    sums[4] += sums[6];
    sums[0] += sums[4];
  }
  for (; next < length; next++) sums[0] += squares[next];
  return length === 0 ? 0 : sums[0];
}
