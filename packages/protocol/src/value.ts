import type { Scalar, Tensor } from './tensor.ts';

/** A Python tuple, told apart from a list. */
export class Tuple {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** A dictionary with string keys, in insertion order. */
export interface ValueDict {
  readonly [key: string]: Value;
}

/**
 * Anything an observation, action, option or info dictionary can hold.
 * `number` is a Python float, `bigint` a Python int, `Scalar` a NumPy scalar, `Tensor` a NumPy array.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Tensor
  | Scalar
  | Tuple
  | readonly Value[]
  | ValueDict;

/** An environment's info dictionary. */
export type Info = ValueDict;
