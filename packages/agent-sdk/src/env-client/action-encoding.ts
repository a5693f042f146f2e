/** What a caller may write for an action → a value of the action space's shape and dtype. */
import {
  type BoxSpace,
  type DType,
  elementCount,
  GymwireError,
  isTensor,
  type Space,
  type TypedArrayOf,
  typedArrays,
  type Value,
} from '@gymwire/protocol';

const integerLimits: { readonly [Name in DType]?: readonly [least: bigint, greatest: bigint] } = {
  bool: [0n, 1n],
  int8: [-(2n ** 7n), 2n ** 7n - 1n],
  uint8: [0n, 2n ** 8n - 1n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/** A list of numbers for a Box, or any value as it is. */
export type Action = Value | Float32Array | Float64Array | readonly number[];

/**
 * @param numEnvs absent: one action without leading dimension
 * @throws GymwireError BAD_ACTION when there is no action, or a list of numbers has the wrong length, or holds what
 * the space's dtype cannot; NON_FINITE_ACTION for NaN and infinities in a space of integers
 */
export function encodeAction(space: Space, action: Action, numEnvs?: number): Value {
  // Without types, a forgotten `await` or `return` arrives here.
  if (action === undefined) throw new GymwireError('BAD_ACTION', 'action: expected one, got undefined');
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
    data[i] = integerLimits[low.dtype] === undefined ? x : integer(x, low.dtype, `action[${i}]`);
  }
  return { dtype: low.dtype, shape, data };
}

/** A typed array of integers takes any number, and makes another one of what does not fit. */
function integer(x: number, dtype: DType, where: string): number | bigint {
  if (!Number.isFinite(x)) {
    throw new GymwireError('NON_FINITE_ACTION', `${where}: expected a finite number, got ${x}`);
  }
  const [least, greatest] = integerLimits[dtype] ?? [0n, 0n];
  if (!Number.isInteger(x) || BigInt(x) < least || BigInt(x) > greatest) {
    throw new GymwireError(
      'BAD_ACTION',
      `${where}: expected a whole number from ${least} to ${greatest} (${dtype}), got ${x}`,
    );
  }
  return dtype === 'int64' || dtype === 'uint64' ? BigInt(x) : x;
}
