/**
 * Arrays ⇄ bytes, the only place where that happens. Decoding copies: a received `bytes` field is a view at
 * any offset of a pooled buffer, so it may be unaligned and must not be kept.
 */
import { endianness } from 'node:os';
import { GymwireError } from '../errors.ts';
import type {
  Tensor as WireTensor,
  Tensor__Output as WireTensorOutput,
} from '../generated/gymwire/v1/Tensor.ts';
import {
  arrayKind,
  type DType,
  elementCount,
  Scalar,
  type Tensor,
  type TypedArrayOf,
  typedArrays,
} from '../tensor.ts';

if (endianness() !== 'LE') {
  throw new GymwireError(
    'UNSUPPORTED',
    'gymwire needs a little-endian machine: arrays travel as their memory lies',
  );
}

const wireNames = {
  bool: 'D_TYPE_BOOL',
  int8: 'D_TYPE_INT8',
  uint8: 'D_TYPE_UINT8',
  int16: 'D_TYPE_INT16',
  uint16: 'D_TYPE_UINT16',
  int32: 'D_TYPE_INT32',
  uint32: 'D_TYPE_UINT32',
  int64: 'D_TYPE_INT64',
  uint64: 'D_TYPE_UINT64',
  float32: 'D_TYPE_FLOAT32',
  float64: 'D_TYPE_FLOAT64',
} as const satisfies Record<DType, string>;

const dtypesByWireName = new Map<string, DType>(
  (Object.keys(wireNames) as DType[]).map((dtype) => [wireNames[dtype], dtype]),
);

/** The same as numbers, as they are in the message. */
export const dtypesByNumber: readonly (DType | undefined)[] = [
  undefined,
  ...(Object.keys(wireNames) as DType[]),
];

export const dtypeNumbers: Readonly<Record<DType, number>> = {
  bool: 1,
  int8: 2,
  uint8: 3,
  int16: 4,
  uint16: 5,
  int32: 6,
  uint32: 7,
  int64: 8,
  uint64: 9,
  float32: 10,
  float64: 11,
};

/** NumPy's own limit. */
export const maxRank = 64;

export function encodeDType(dtype: DType): (typeof wireNames)[DType] {
  return wireNames[dtype];
}

/** @throws GymwireError MALFORMED for an unknown dtype */
export function decodeDType(wireName: string, where: string): DType {
  const dtype = dtypesByWireName.get(wireName);
  if (dtype === undefined) {
    throw new GymwireError('MALFORMED', `${where}: expected a known dtype, got ${wireName}`);
  }
  return dtype;
}

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

/**
 * The bytes are a copy, so the caller may reuse its array at once.
 * @throws GymwireError MALFORMED for what is no tensor
 */
export function encodeTensor(tensor: Tensor): WireTensor {
  const fault = tensorFault(tensor);
  if (fault !== undefined) throw new GymwireError('MALFORMED', fault);
  const { data, dtype, shape } = tensor;
  const bytes = Buffer.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return { dtype: wireNames[dtype], shape: [...shape], data: bytes };
}

/**
 * @param where names the field in error messages
 * @throws GymwireError MALFORMED when the byte length does not fit shape and dtype, or a bool is neither 0 nor 1
 */
export function decodeTensor(wire: WireTensorOutput, where: string): Tensor {
  const dtype = decodeDType(wire.dtype, where);
  const arrayType = typedArrays[dtype];
  if (wire.shape.length > maxRank) {
    throw new GymwireError(
      'MALFORMED',
      `${where}: expected at most ${maxRank} dimensions, got ${wire.shape.length}`,
    );
  }
  const length = elementCount(wire.shape);
  const expectedBytes = length * arrayType.BYTES_PER_ELEMENT;
  if (wire.data.byteLength !== expectedBytes) {
    throw new GymwireError(
      'MALFORMED',
      `${where}: shape [${wire.shape.join(', ')}] of ${dtype} takes ${expectedBytes} bytes, got ${wire.data.byteLength}`,
    );
  }
  if (dtype === 'float32' && length <= fewElements)
    return { dtype, shape: wire.shape, data: fewFloats(wire.data, length) };
  const copy = new Uint8Array(expectedBytes);
  copy.set(wire.data);
  if (dtype === 'bool' && copy.some((byte) => byte > 1)) {
    throw new GymwireError('MALFORMED', `${where}: a bool is one byte, 0 or 1`);
  }
  const data = new arrayType(copy.buffer) as TypedArrayOf<DType>;
  return { dtype, shape: wire.shape, data };
}

/** Up to here reading one by one is faster than a second view of the same memory. */
const fewElements = 32;

function fewFloats(bytes: Buffer, length: number): Float32Array {
  const data = new Float32Array(length);
  for (let i = 0; i < length; i++) data[i] = bytes.readFloatLE(i * 4);
  return data;
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

/** @throws GymwireError MALFORMED for a value that its dtype cannot hold */
export function encodeScalar(scalar: Scalar): WireTensor {
  const fault = scalarFault(scalar);
  if (fault !== undefined) throw new GymwireError('MALFORMED', fault);
  const data = new typedArrays[scalar.dtype](1);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    data[0] = BigInt(scalar.value);
  } else {
    data[0] = Number(scalar.value);
  }
  return encodeTensor({ dtype: scalar.dtype, shape: [], data });
}

/** @throws GymwireError MALFORMED when the tensor's shape is not [] */
export function decodeScalar(wire: WireTensorOutput, where: string): Scalar {
  const tensor = decodeTensor(wire, where);
  if (tensor.shape.length > 0) {
    throw new GymwireError('MALFORMED', `${where}: a scalar has shape [], got [${tensor.shape.join(', ')}]`);
  }
  return new Scalar(tensor.dtype, tensor.data[0]);
}
