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
import { type DType, elementCount, Scalar, type Tensor, type TypedArrayOf, typedArrays } from '../tensor.ts';
import { maxRank, scalarFault, tensorFault } from '../tensor-fault.ts';

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
