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
  const squares = Float64Array.from(values, (x) => Math.fround(x * x));
  return Math.fround(Math.fround(weight) * pairwiseSum(squares, Math.fround));
}

/** The same of a float64 array. */
export function weightedSquares64(weight: number, values: Float64Array): number {
  return (
    weight *
    pairwiseSum(
      Float64Array.from(values, (x) => x * x),
      identity,
    )
  );
}

const identity = (x: number) => x;

/**
 * np.sum of up to 128 contiguous elements: eight sums side by side, then the rest.
 * Source: NumPy, pairwise summation in numpy/_core/src/umath/loops_utils.h.src.
 */
function pairwiseSum(values: Float64Array, round: (x: number) => number): number {
  const { length } = values;
  if (length > 128) throw new RangeError('pairwiseSum: NumPy splits sums of more than 128 elements');
  let sum = 0;
  let next = 0;
  if (length >= 8) {
    const sums = values.slice(0, 8);
    for (next = 8; next + 8 <= length; next += 8) {
      for (let j = 0; j < 8; j++) sums[j] = round(sums[j] + values[next + j]);
    }
    const pair = (i: number) => round(sums[i] + sums[i + 1]);
    sum = round(round(pair(0) + pair(2)) + round(pair(4) + pair(6)));
  }
  for (; next < length; next++) sum = round(sum + values[next]);
  return sum;
}
