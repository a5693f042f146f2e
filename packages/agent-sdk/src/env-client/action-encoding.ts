/** What a caller may write for an action → a value of the action space's shape and dtype. */
import {
  type BoxSpace,
  elementCount,
  GymwireError,
  isTensor,
  type Space,
  type TypedArrayOf,
  typedArrays,
  type Value,
} from '@gymwire/protocol';

/** A list of numbers for a Box, or any value as it is. */
export type Action = Value | Float32Array | Float64Array | readonly number[];

/**
 * @param numEnvs absent: one action without leading dimension
 * @throws GymwireError BAD_ACTION when a list of numbers has the wrong length
 */
export function encodeAction(space: Space, action: Action, numEnvs?: number): Value {
  const isList = Array.isArray(action) || action instanceof Float32Array || action instanceof Float64Array;
  if (!isList || space.type !== 'box') return action as Value;
  return boxAction(space, action, numEnvs);
}

function boxAction(
  { low }: BoxSpace,
  numbers: ArrayLike<number | Value>,
  numEnvs: number | undefined,
): Value {
  const shape = numEnvs === undefined ? low.shape : [numEnvs, ...low.shape];
  const length = elementCount(shape);
  if (numbers.length !== length) {
    throw new GymwireError(
      'BAD_ACTION',
      `action: expected ${length} numbers (shape [${shape.join(', ')}]), got ${numbers.length}`,
    );
  }
  const data = new typedArrays[low.dtype](length) as TypedArrayOf<typeof low.dtype>;
  for (let i = 0; i < length; i++) {
    const x = numbers[i];
    if (typeof x !== 'number') {
      throw new GymwireError(
        'BAD_ACTION',
        `action[${i}]: expected a number, got ${isTensor(x) ? 'a tensor' : typeof x}`,
      );
    }
    data[i] = data instanceof BigInt64Array || data instanceof BigUint64Array ? BigInt(Math.trunc(x)) : x;
  }
  return { dtype: low.dtype, shape, data };
}
