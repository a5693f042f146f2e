/** Why what is typed as a tensor or a scalar is none. */
import { arrayKind, type DType, type Scalar, type Tensor, typedArrays } from './tensor.ts';

/** NumPy's own limit. */
export const maxRank = 64;

/**
 * Without types, anything may be in a tensor: another array class would be read as other numbers, and a shape that
 * does not fit is refused by whoever gets the message.
 * @returns why a tensor is none, or undefined
 */
export function tensorFault({ dtype, shape, data }: Tensor): string | undefined {
  // The usual case first, without asking for names.
  const isUsual = data.constructor === typedArrays[dtype] && dtype !== 'bool';
  const count = countOf(shape);
  if (isUsual && count === data.length) return undefined;
  if (!Object.hasOwn(typedArrays, dtype)) return unknownDType('tensor', dtype);
  const expected = typedArrays[dtype].name;
  const kind = arrayKind(data) ?? 'no typed array';
  // What a canvas hands out; the same bytes.
  const fits = kind === expected || (kind === 'Uint8ClampedArray' && dtype === 'uint8');
  if (!fits) return `a ${dtype} tensor holds a ${expected}, got ${kind}`;
  if (count === undefined || shape.length > maxRank) {
    return `a tensor's shape is a list of at most ${maxRank} sizes, got [${String(shape)}]`;
  }
  if (count !== data.length) {
    return `tensor of shape [${shape.join(', ')}] needs ${count} elements, got ${data.length}`;
  }
  const odd = dtype === 'bool' ? (data as Uint8Array).findIndex((element) => element > 1) : -1;
  return odd < 0 ? undefined : `element ${odd} of a bool tensor is ${data[odd]}, neither 0 nor 1`;
}

function unknownDType(what: string, dtype: unknown): string {
  return `a ${what} of dtype ${String(dtype)} cannot travel: expected ${Object.keys(typedArrays).join(', ')}`;
}

/** @returns the number of elements, or undefined when it is no shape */
function countOf(shape: readonly number[]): number | undefined {
  if (!Array.isArray(shape)) return undefined;
  let count = 1;
  for (let i = 0; i < shape.length; i++) {
    const size = shape[i] as number;
    if (!Number.isInteger(size) || size < 0 || size >= 2 ** 32) return undefined;
    count *= size;
  }
  return count;
}

const integerRanges: { readonly [Name in DType]?: readonly [least: bigint, greatest: bigint] } = {
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

/** The integers that an array of this dtype holds; undefined: it holds floats. */
export function integerRange(dtype: DType): readonly [least: bigint, greatest: bigint] | undefined {
  return integerRanges[dtype];
}

/** @returns why a scalar is none, or undefined: a typed array would make another number of what it cannot hold */
export function scalarFault({ dtype, value }: Scalar): string | undefined {
  if (typeof value === 'number' && (dtype === 'float64' || dtype === 'float32')) return undefined;
  if (!Object.hasOwn(typedArrays, dtype)) return unknownDType('scalar', dtype);
  const range = integerRanges[dtype];
  const expected = range === undefined ? 'a number' : `an integer from ${range[0]} to ${range[1]}`;
  if (range !== undefined && isInteger(value) && isWithin(range, BigInt(value))) return undefined;
  return `a ${dtype} scalar holds ${expected}, got the ${typeof value} ${String(value)}`;
}

/** A boolean is 0 or 1, as it is to every typed array. */
function isInteger(value: unknown): boolean {
  return typeof value === 'bigint' || typeof value === 'boolean' || Number.isInteger(value);
}

function isWithin([least, greatest]: readonly [bigint, bigint], integer: bigint): boolean {
  return integer >= least && integer <= greatest;
}
