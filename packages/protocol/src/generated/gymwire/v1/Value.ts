// Original file: proto/gymwire/v1/value.proto

import type { NullValue as _gymwire_v1_NullValue, NullValue__Output as _gymwire_v1_NullValue__Output } from '../../gymwire/v1/NullValue.ts';
import type { Tensor as _gymwire_v1_Tensor, Tensor__Output as _gymwire_v1_Tensor__Output } from '../../gymwire/v1/Tensor.ts';
import type { ListValue as _gymwire_v1_ListValue, ListValue__Output as _gymwire_v1_ListValue__Output } from '../../gymwire/v1/ListValue.ts';
import type { DictValue as _gymwire_v1_DictValue, DictValue__Output as _gymwire_v1_DictValue__Output } from '../../gymwire/v1/DictValue.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Anything an observation, an action, an option or an info dictionary can hold, with its type kept:
 * a Python int stays an int, a float a float, a NumPy scalar a scalar of its dtype, a tuple a tuple.
 */
export interface Value {
  'null'?: (_gymwire_v1_NullValue | null);
  'bool'?: (boolean);
  /**
   * A Python int (a TypeScript bigint).
   */
  'int'?: (number | string | Long);
  /**
   * A Python float (a TypeScript number).
   */
  'float'?: (number | string);
  'string'?: (string);
  'bytes'?: (Buffer | Uint8Array | string);
  /**
   * An array; also one of shape [].
   */
  'tensor'?: (_gymwire_v1_Tensor | null);
  /**
   * A NumPy scalar: the tensor's shape is [].
   */
  'scalar'?: (_gymwire_v1_Tensor | null);
  'list'?: (_gymwire_v1_ListValue | null);
  'tuple'?: (_gymwire_v1_ListValue | null);
  'dict'?: (_gymwire_v1_DictValue | null);
  'kind'?: "null"|"bool"|"int"|"float"|"string"|"bytes"|"tensor"|"scalar"|"list"|"tuple"|"dict";
}

/**
 * Anything an observation, an action, an option or an info dictionary can hold, with its type kept:
 * a Python int stays an int, a float a float, a NumPy scalar a scalar of its dtype, a tuple a tuple.
 */
export interface Value__Output {
  'null'?: (_gymwire_v1_NullValue__Output | null);
  'bool'?: (boolean);
  /**
   * A Python int (a TypeScript bigint).
   */
  'int'?: (string);
  /**
   * A Python float (a TypeScript number).
   */
  'float'?: (number);
  'string'?: (string);
  'bytes'?: (Buffer);
  /**
   * An array; also one of shape [].
   */
  'tensor'?: (_gymwire_v1_Tensor__Output | null);
  /**
   * A NumPy scalar: the tensor's shape is [].
   */
  'scalar'?: (_gymwire_v1_Tensor__Output | null);
  'list'?: (_gymwire_v1_ListValue__Output | null);
  'tuple'?: (_gymwire_v1_ListValue__Output | null);
  'dict'?: (_gymwire_v1_DictValue__Output | null);
  'kind'?: "null"|"bool"|"int"|"float"|"string"|"bytes"|"tensor"|"scalar"|"list"|"tuple"|"dict";
}
