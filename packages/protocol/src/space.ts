import { shown } from './names.ts';
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

/**
 * A float32 Box of shape [low.length]; -Infinity and Infinity mean unbounded.
 * @throws RangeError for what are no bounds: `box: low has 2 numbers, high 1`
 */
export function box(low: ArrayLike<number>, high: ArrayLike<number>): BoxSpace {
  const fault = listFault('low', low) ?? listFault('high', high) ?? boundsFault(low, high);
  // Of an environment that is served, the client is told the line that threw it.
  if (fault !== undefined) throw new RangeError(`box: ${fault}`);
  const shape = [low.length];
  return {
    type: 'box',
    low: { dtype: 'float32', shape, data: Float32Array.from(low) },
    high: { dtype: 'float32', shape, data: Float32Array.from(high) },
  };
}

/** JavaScript may give anything. */
function listFault(name: 'low' | 'high', list: unknown): string | undefined {
  const isList = Array.isArray(list) || ArrayBuffer.isView(list);
  return isList ? undefined : `${name}: expected a list of numbers such as [-1, -1], got ${shown(list)}`;
}

function boundsFault(low: ArrayLike<unknown>, high: ArrayLike<unknown>): string | undefined {
  if (low.length !== high.length) {
    const numbers = low.length === 1 ? '1 number' : `${low.length} numbers`;
    return `low has ${numbers}, high ${high.length}: expected as many, one for each element`;
  }
  for (let i = 0; i < low.length; i++) {
    const [least, most] = [low[i], high[i]];
    for (const [name, bound] of [['low', least] as const, ['high', most] as const]) {
      if (typeof bound !== 'number' || Number.isNaN(bound)) {
        return `${name}[${i}]: expected a number, got ${shown(bound)}`;
      }
    }
    if (Number(least) > Number(most))
      return `low ${Number(least)} is above high ${Number(most)} at index ${i}`;
  }
  return undefined;
}
