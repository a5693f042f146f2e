/** Values → protocol buffers, as protobufjs would write them, without a tree of messages between. */

import { isPlain, maxDepth } from '../take-value.ts';
import { isTensor, Scalar, type Tensor } from '../tensor.ts';
import { scalarFault, tensorFault } from '../tensor-fault.ts';
import { Tuple, type Value, type ValueDict } from '../value.ts';
import { type BackwardWriter, wireTypes } from './backward-writer.ts';
import { dtypeNumbers, encodeScalar } from './tensor-codec.ts';

const { varint, fixed64 } = wireTypes;

/** Field numbers of `Value`. */
const kinds = {
  null: 1,
  bool: 2,
  int: 3,
  float: 4,
  string: 5,
  bytes: 6,
  tensor: 7,
  scalar: 8,
  list: 9,
  tuple: 10,
  dict: 11,
} as const;

/**
 * Thrown, as one instance, where a value has no place on the wire as it is: `takeValue` knows what to say of it, or
 * makes a value of it (a bare Float32Array).
 */
const unwritable = new Error('a value that cannot be written as it is');

/** The content of a `Value`. @throws unwritable, or the writer's error for what is no valid Unicode */
export function writeValue(writer: BackwardWriter, value: Value, depth = 0): void {
  const end = writer.length;
  if (depth > maxDepth) throw unwritable;
  if (typeof value === 'number') {
    writer.double(value);
    writer.tag(kinds.float, fixed64);
  } else if (typeof value === 'boolean') {
    writer.varint(value ? 1 : 0);
    writer.tag(kinds.bool, varint);
  } else if (typeof value === 'string') {
    writer.text(value);
    writer.closeMessage(kinds.string, end);
  } else if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw unwritable;
    writer.bigVarint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
    writer.tag(kinds.int, varint);
  } else if (value === null) {
    writer.closeMessage(kinds.null, end);
  } else writeObject(writer, value, depth);
}

function writeObject(writer: BackwardWriter, value: Exclude<Value, null | boolean>, depth: number): void {
  const end = writer.length;
  if (value instanceof Scalar) {
    writeScalar(writer, value);
    writer.closeMessage(kinds.scalar, end);
  } else if (value instanceof Uint8Array) {
    writer.elements(value);
    writer.closeMessage(kinds.bytes, end);
  } else if (isTensor(value)) {
    writeTensor(writer, value);
    writer.closeMessage(kinds.tensor, end);
  } else if (value instanceof Tuple) {
    writeList(writer, value.items, depth + 1);
    writer.closeMessage(kinds.tuple, end);
  } else if (Array.isArray(value)) {
    writeList(writer, value as readonly Value[], depth + 1);
    writer.closeMessage(kinds.list, end);
  } else if (typeof value === 'object' && !ArrayBuffer.isView(value) && isPlain(value)) {
    writeDict(writer, value as ValueDict, depth + 1);
    writer.closeMessage(kinds.dict, end);
  } else throw unwritable;
}

function writeList(writer: BackwardWriter, items: readonly Value[], depth: number): void {
  for (let i = items.length - 1; i >= 0; i--) {
    const end = writer.length;
    writeValue(writer, items[i], depth);
    writer.closeMessage(1, end);
  }
}

/** The content of a `DictValue`. @throws as `writeValue` */
export function writeDict(writer: BackwardWriter, dict: ValueDict, depth = 1): void {
  const names = Object.keys(dict);
  for (let i = names.length - 1; i >= 0; i--) {
    const name = names[i];
    const end = writer.length;
    writeValue(writer, dict[name], depth);
    writer.closeMessage(2, end);
    const keyEnd = writer.length;
    writer.text(name);
    writer.closeMessage(1, keyEnd);
    writer.closeMessage(1, end);
  }
}

function writeTensor(writer: BackwardWriter, tensor: Tensor): void {
  if (tensorFault(tensor) !== undefined) throw unwritable;
  const { dtype, shape, data } = tensor;
  const end = writer.length;
  writer.elements(data);
  writer.closeMessage(3, end);
  if (shape.length > 0) {
    const shapeEnd = writer.length;
    for (let i = shape.length - 1; i >= 0; i--) writer.varint(shape[i]);
    writer.closeMessage(2, shapeEnd);
  }
  writer.varint(dtypeNumbers[dtype]);
  writer.tag(1, varint);
}

function writeScalar(writer: BackwardWriter, scalar: Scalar): void {
  if (scalarFault(scalar) !== undefined) throw unwritable;
  const end = writer.length;
  if (scalar.dtype === 'float64') writer.double(Number(scalar.value));
  else writer.elements(encodeScalar(scalar).data as Uint8Array);
  writer.closeMessage(3, end);
  writer.varint(dtypeNumbers[scalar.dtype]);
  writer.tag(1, varint);
}
