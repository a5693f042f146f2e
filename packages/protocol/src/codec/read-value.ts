/** Protocol buffers → values, in one pass, for messages in the usual form; see WireReader. */

import { maxDepth } from '../take-value.ts';
import { type DType, Scalar, type Tensor, type TypedArrayOf, typedArrays } from '../tensor.ts';
import { maxRank } from '../tensor-fault.ts';
import { Tuple, type Value, type ValueDict } from '../value.ts';
import { dtypesByNumber } from './tensor-codec.ts';
import { refuse, type WireReader } from './wire-reader.ts';

/** Tags: the field number, times 8, plus the wire type. */
const tags = {
  null: 0x0a,
  bool: 0x10,
  int: 0x18,
  float: 0x21,
  string: 0x2a,
  bytes: 0x32,
  tensor: 0x3a,
  scalar: 0x42,
  list: 0x4a,
  tuple: 0x52,
  dict: 0x5a,
} as const;

const firstTag = 0x0a;

/** A length and the `Value` of so many bytes. @throws Irregular */
export function readValue(reader: WireReader, depth = 0): Value {
  if (depth > maxDepth) refuse();
  const outer = reader.enter();
  const value = readKind(reader, depth);
  // Another field would win over this one, or be merged with it.
  if (reader.hasMore) refuse();
  reader.leave(outer);
  return value;
}

function readKind(reader: WireReader, depth: number): Value {
  switch (reader.varint()) {
    case tags.tensor:
      return readTensor(reader);
    case tags.scalar:
      return readScalar(reader);
    case tags.float:
      return reader.double();
    case tags.bool:
      return reader.varint() !== 0;
    case tags.int: {
      const zigzag = reader.bigVarint();
      return (zigzag >> 1n) ^ -(zigzag & 1n);
    }
    case tags.string:
      return reader.text();
    case tags.dict:
      return readDict(reader, depth + 1);
    case tags.list:
      return readList(reader, depth + 1);
    case tags.tuple:
      return new Tuple(readList(reader, depth + 1));
    case tags.bytes:
      return Uint8Array.from(reader.bytes());
    case tags.null:
      return reader.varint() === 0 ? null : refuse();
    default:
      return refuse();
  }
}

function readList(reader: WireReader, depth: number): Value[] {
  const outer = reader.enter();
  const items: Value[] = [];
  while (reader.hasMore) {
    if (reader.varint() !== firstTag) refuse();
    items.push(readValue(reader, depth));
  }
  reader.leave(outer);
  return items;
}

/** A length and the `DictValue` of so many bytes. @throws Irregular */
export function readDict(reader: WireReader, depth = 0): ValueDict {
  const outer = reader.enter();
  const dict: Record<string, Value> = {};
  while (reader.hasMore) {
    if (reader.varint() !== firstTag) refuse();
    const entry = reader.enter();
    if (reader.varint() !== 0x0a) refuse();
    const name = reader.key();
    // A key of its own cannot be told from an assignment to the prototype, nor a doubled one from the first.
    if (name === '__proto__' || Object.hasOwn(dict, name)) refuse();
    if (reader.varint() !== 0x12) refuse();
    dict[name] = readValue(reader, depth);
    if (reader.hasMore) refuse();
    reader.leave(entry);
  }
  reader.leave(outer);
  return dict;
}

/** Where a tensor's parts lie; `readParts` fills it anew each time. */
const parts = { dtype: 'float32' as DType, from: 0, bytes: 0 };

/** @returns the shape */
function readParts(reader: WireReader): readonly number[] {
  const outer = reader.enter();
  if (reader.varint() !== 0x08) refuse();
  parts.dtype = dtypesByNumber[reader.varint()] ?? refuse();
  const shape: number[] = [];
  let tag = reader.varint();
  if (tag === 0x12) {
    const rest = reader.enter();
    while (reader.hasMore) shape.push(reader.varint());
    reader.leave(rest);
    tag = reader.varint();
  }
  if (tag !== 0x1a) refuse();
  parts.bytes = reader.span();
  parts.from = reader.position - parts.bytes;
  if (reader.hasMore) refuse();
  reader.leave(outer);
  return shape;
}

function readTensor(reader: WireReader): Tensor {
  const shape = readParts(reader);
  const { dtype, from, bytes } = parts;
  let length = 1;
  for (const size of shape) length *= size;
  if (bytes !== length * typedArrays[dtype].BYTES_PER_ELEMENT || shape.length > maxRank) refuse();
  return { dtype, shape, data: readElements(reader, dtype, length, from) };
}

/** Up to here reading one by one is faster than views of the same memory. */
const fewElements = 32;

function readElements(reader: WireReader, dtype: DType, length: number, from: number): TypedArrayOf<DType> {
  if (dtype === 'float64' && length <= fewElements) {
    const data = new Float64Array(length);
    for (let i = 0; i < length; i++) data[i] = reader.float64At(from + i * 8);
    return data;
  }
  if (dtype === 'float32' && length <= fewElements) {
    const data = new Float32Array(length);
    for (let i = 0; i < length; i++) data[i] = reader.float32At(from + i * 4);
    return data;
  }
  const arrayType = typedArrays[dtype];
  const copy = reader.copy(from, from + length * arrayType.BYTES_PER_ELEMENT);
  if (dtype === 'bool' && new Uint8Array(copy).some((byte) => byte > 1)) refuse();
  return new arrayType(copy);
}

function readScalar(reader: WireReader): Scalar {
  if (readParts(reader).length > 0) refuse();
  const { dtype, from, bytes } = parts;
  if (bytes !== typedArrays[dtype].BYTES_PER_ELEMENT) refuse();
  if (dtype === 'float64') return new Scalar(dtype, reader.float64At(from));
  return new Scalar(dtype, readElements(reader, dtype, 1, from)[0]);
}
