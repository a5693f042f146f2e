/** What a caller may write for an action → a value of the action space's shape and dtype. */
import {
  arrayKind,
  type DType,
  elementCount,
  GymwireError,
  integerRange,
  isTensor,
  type Space,
  type Tensor,
  Tuple,
  type TypedArrayOf,
  typedArrays,
  type Value,
  type ValueDict,
} from '@gymwire/protocol';

/** An action: a list of numbers such as `[0.5]` for a Box, or any value as it is; in a dictionary or a tuple, each part so. */
export type Action = Value | Float32Array | Float64Array | readonly number[];

/**
 * @param numEnvs absent: one action without leading dimension
 * @throws GymwireError BAD_ACTION when there is no action, or a list of numbers has the wrong length, or holds what
 * the space's dtype cannot; NON_FINITE_ACTION for NaN and infinities in a space of integers
 */
export function encodeAction(space: Space, action: Action, numEnvs?: number): Value {
  // Without types, a forgotten `await` or `return` arrives here.
  if (action === undefined) throw new GymwireError('BAD_ACTION', 'action: expected one, got undefined');
  return encodePart(space, action, numEnvs, 'action');
}

function encodePart(space: Space, part: Action, numEnvs: number | undefined, where: string): Value {
  switch (space.type) {
    case 'box':
      return isList(part) ? arrayOf(space.low, part, numEnvs, where) : part;
    case 'multi-discrete':
      return isList(part) ? arrayOf(space.nvec, part, numEnvs, where) : part;
    case 'multi-binary': {
      const { shape } = space;
      return isList(part) ? arrayOf({ dtype: 'int8', shape }, part, numEnvs, where) : part;
    }
    case 'dict': {
      // A key too many, or a part that is none, is for the server to name.
      if (typeof part !== 'object' || part === null || isTensor(part)) return part;
      const spaces = new Map(space.entries);
      const entries = Object.entries(part as ValueDict).map(([key, value]) => {
        const inner = spaces.get(key);
        return [key, inner ? encodePart(inner, value, numEnvs, `${where}.${key}`) : value] as const;
      });
      return Object.fromEntries(entries);
    }
    case 'tuple': {
      const items = part instanceof Tuple ? part.items : part;
      if (!Array.isArray(items) || items.length !== space.spaces.length) return part as Value;
      const parts = items as readonly Action[];
      return new Tuple(
        space.spaces.map((inner, i) => encodePart(inner, parts[i], numEnvs, `${where}[${i}]`)),
      );
    }
    default:
      return part as Value;
  }
}

function isList(part: Action): part is Action & ArrayLike<number | Value> {
  return Array.isArray(part) || arrayKind(part) !== undefined;
}

function arrayOf(
  { dtype, shape: rowShape }: Pick<Tensor, 'dtype' | 'shape'>,
  numbers: ArrayLike<number | Value>,
  numEnvs: number | undefined,
  where: string,
): Value {
  const shape = numEnvs === undefined ? rowShape : [numEnvs, ...rowShape];
  const length = elementCount(shape);
  if (numbers.length !== length) {
    throw new GymwireError(
      'BAD_ACTION',
      `${where}: expected ${length} numbers (shape [${shape.join(', ')}]), got ${numbers.length}`,
    );
  }
  const data = new typedArrays[dtype](length) as TypedArrayOf<typeof dtype>;
  const range = integerRange(dtype);
  for (let i = 0; i < length; i++) {
    const x = numbers[i];
    if (range === undefined && typeof x === 'number') data[i] = x;
    else data[i] = integer(x, dtype, range, `${where}[${i}]`);
  }
  return { dtype, shape, data };
}

/** A typed array of integers takes any number, and makes another one of what does not fit. */
function integer(
  x: number | Value | undefined,
  dtype: DType,
  range: ReturnType<typeof integerRange>,
  where: string,
): number | bigint {
  if (range === undefined || (typeof x !== 'number' && typeof x !== 'bigint')) {
    const got = isTensor(x) ? 'a tensor' : typeof x;
    throw new GymwireError('BAD_ACTION', `${where}: expected a number, got ${got}`);
  }
  if (typeof x === 'number' && !Number.isFinite(x)) {
    throw new GymwireError('NON_FINITE_ACTION', `${where}: expected a finite number, got ${x}`);
  }
  const [least, greatest] = range;
  if ((typeof x === 'number' && !Number.isInteger(x)) || BigInt(x) < least || BigInt(x) > greatest) {
    throw new GymwireError(
      'BAD_ACTION',
      `${where}: expected a whole number from ${least} to ${greatest} (${dtype}), got ${x}`,
    );
  }
  return dtype === 'int64' || dtype === 'uint64' ? BigInt(x) : Number(x);
}
