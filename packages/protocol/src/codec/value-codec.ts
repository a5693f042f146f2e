/** Values ⇄ wire messages, with their types kept. */
import { GymwireError } from '../errors.ts';
import type { DictEntry__Output } from '../generated/gymwire/v1/DictEntry.ts';
import type { DictValue } from '../generated/gymwire/v1/DictValue.ts';
import type { Value as WireValue, Value__Output as WireValueOutput } from '../generated/gymwire/v1/Value.ts';
import { maxDepth, refuseForeign, takeDict, takeValue } from '../take-value.ts';
import { isTensor, Scalar } from '../tensor.ts';
import { Tuple, type Value, type ValueDict } from '../value.ts';
import { decodeScalar, decodeTensor, encodeScalar, encodeTensor } from './tensor-codec.ts';

function tooDeep(where: string): GymwireError {
  return new GymwireError('MALFORMED', `${where}: values nest at most ${maxDepth} levels deep`);
}

/**
 * @param where names the value in error messages
 * @throws GymwireError MALFORMED, with the path, for what is no value: an integer outside int64, nesting deeper than
 * 32, a Date, a tensor whose data is not of its dtype …
 */
export function encodeValue(value: Value, where = 'value'): WireValue {
  return encodeTaken(refuseForeign(takeValue(value, where, shared)));
}

/** Encodes a Dict as `encodeValue` does. */
export function encodeDict(dict: ValueDict, where = 'value'): DictValue {
  return encodeEntries(refuseForeign(takeDict(dict, where, shared)));
}

/** Bytes are copies already. */
const shared = { copies: false };

function encodeTaken(value: Value): WireValue {
  if (value === null) return { null: {} };
  switch (typeof value) {
    case 'boolean':
      return { bool: value };
    case 'number':
      return { float: value };
    case 'bigint':
      return { int: value.toString() };
    case 'string':
      return { string: value };
    default:
      return encodeObject(value);
  }
}

function encodeObject(value: Exclude<Value, null | boolean | number | bigint | string>): WireValue {
  if (value instanceof Scalar) return { scalar: encodeScalar(value) };
  if (value instanceof Uint8Array) return { bytes: value };
  if (isTensor(value)) return { tensor: encodeTensor(value) };
  if (value instanceof Tuple) return { tuple: { values: value.items.map(encodeTaken) } };
  if (Array.isArray(value)) return { list: { values: value.map((item: Value) => encodeTaken(item)) } };
  return { dict: encodeEntries(value as ValueDict) };
}

function encodeEntries(dict: ValueDict): DictValue {
  return { entries: Object.entries(dict).map(([key, value]) => ({ key, value: encodeTaken(value) })) };
}

/**
 * @param where names the field in error messages
 * @throws GymwireError MALFORMED for an absent value, a bad tensor, a doubled key, or nesting deeper than 32
 */
export function decodeValue(wire: WireValueOutput | null | undefined, where: string, depth = 0): Value {
  if (depth > maxDepth) throw tooDeep(where);
  switch (wire?.kind) {
    case 'tensor':
      return decodeTensor(present(wire.tensor, where), where);
    case 'float':
      return present(wire.float, where);
    case 'bool':
      return present(wire.bool, where);
    case 'int':
      return BigInt(present(wire.int, where));
    case 'string':
      return present(wire.string, where);
    case 'scalar':
      return decodeScalar(present(wire.scalar, where), where);
    case 'bytes':
      return Uint8Array.from(present(wire.bytes, where));
    case 'list':
      return decodeItems(present(wire.list, where).values, where, depth);
    case 'tuple':
      return new Tuple(decodeItems(present(wire.tuple, where).values, where, depth));
    case 'dict':
      return decodeDict(present(wire.dict, where).entries, where, depth + 1);
    case 'null':
      return null;
    default:
      throw new GymwireError('MALFORMED', `${where}: expected a value, got none`);
  }
}

export function decodeDict(entries: readonly DictEntry__Output[], where: string, depth = 0): ValueDict {
  const pairs = entries.map(({ key, value }) => [key, decodeValue(value, `${where}.${key}`, depth)] as const);
  // fromEntries defines own properties, so a key such as __proto__ is data like any other.
  const dict: ValueDict = Object.fromEntries(pairs);
  if (Object.keys(dict).length !== pairs.length) {
    throw new GymwireError('MALFORMED', `${where}: a key occurs twice`);
  }
  return dict;
}

function decodeItems(values: readonly WireValueOutput[], where: string, depth: number): Value[] {
  return values.map((value, index) => decodeValue(value, `${where}[${index}]`, depth + 1));
}

function present<T>(field: T | null | undefined, where: string): T {
  if (field === null || field === undefined) {
    throw new GymwireError('MALFORMED', `${where}: the value's kind and content do not match`);
  }
  return field;
}
