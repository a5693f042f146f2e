import type { DType, Tensor } from './tensor.ts';

/** Arrays with `low[i] <= x[i] <= high[i]`; low and high carry the space's shape and dtype. */
export interface BoxSpace {
  readonly type: 'box';
  readonly low: Tensor;
  readonly high: Tensor;
}

/** Integers `start … start + n - 1`. */
export interface DiscreteSpace {
  readonly type: 'discrete';
  readonly n: bigint;
  readonly start: bigint;
  readonly dtype: DType;
}

/** Arrays of zeros and ones, dtype int8. */
export interface MultiBinarySpace {
  readonly type: 'multi-binary';
  readonly shape: readonly number[];
}

/** Integer arrays with `start[i] <= x[i] < start[i] + nvec[i]`. */
export interface MultiDiscreteSpace {
  readonly type: 'multi-discrete';
  readonly nvec: Tensor;
  readonly start: Tensor;
}

/** Named spaces in the order in which Gymnasium iterates and flattens them. */
export interface DictSpace {
  readonly type: 'dict';
  readonly entries: ReadonlyArray<readonly [key: string, space: Space]>;
}

export interface TupleSpace {
  readonly type: 'tuple';
  readonly spaces: readonly Space[];
}

/** Strings of `minLength … maxLength` characters out of `charset`. */
export interface TextSpace {
  readonly type: 'text';
  readonly minLength: number;
  readonly maxLength: number;
  readonly charset: string;
}

/** Gymnasium's spaces. */
export type Space =
  | BoxSpace
  | DiscreteSpace
  | MultiBinarySpace
  | MultiDiscreteSpace
  | DictSpace
  | TupleSpace
  | TextSpace;

/** A float32 Box of shape [low.length]; -Infinity and Infinity mean unbounded. */
export function box(low: ArrayLike<number>, high: ArrayLike<number>): BoxSpace {
  const shape = [low.length];
  return {
    type: 'box',
    low: { dtype: 'float32', shape, data: Float32Array.from(low) },
    high: { dtype: 'float32', shape, data: Float32Array.from(high) },
  };
}
