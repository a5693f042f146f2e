// Original file: proto/gymwire/v1/env_service.proto

import type { Tensor as _gymwire_v1_Tensor, Tensor__Output as _gymwire_v1_Tensor__Output } from '../../gymwire/v1/Tensor.ts';
import type { InfoColumns as _gymwire_v1_InfoColumns, InfoColumns__Output as _gymwire_v1_InfoColumns__Output } from '../../gymwire/v1/InfoColumns.ts';
import type { ListValue as _gymwire_v1_ListValue, ListValue__Output as _gymwire_v1_ListValue__Output } from '../../gymwire/v1/ListValue.ts';

/**
 * The values of one key, one for each row.
 */
export interface InfoColumn {
  'key'?: (string);
  /**
   * Python floats, ints and bools: float64, int64 and bool [rows].
   */
  'floats'?: (_gymwire_v1_Tensor | null);
  'ints'?: (_gymwire_v1_Tensor | null);
  'bools'?: (_gymwire_v1_Tensor | null);
  /**
   * NumPy scalars: [rows].
   */
  'scalars'?: (_gymwire_v1_Tensor | null);
  /**
   * Arrays of one shape: [rows, …].
   */
  'arrays'?: (_gymwire_v1_Tensor | null);
  /**
   * Dictionaries with the same keys in the same order.
   */
  'dicts'?: (_gymwire_v1_InfoColumns | null);
  /**
   * Anything else.
   */
  'values'?: (_gymwire_v1_ListValue | null);
  'rows'?: "floats"|"ints"|"bools"|"scalars"|"arrays"|"dicts"|"values";
}

/**
 * The values of one key, one for each row.
 */
export interface InfoColumn__Output {
  'key': (string);
  /**
   * Python floats, ints and bools: float64, int64 and bool [rows].
   */
  'floats'?: (_gymwire_v1_Tensor__Output | null);
  'ints'?: (_gymwire_v1_Tensor__Output | null);
  'bools'?: (_gymwire_v1_Tensor__Output | null);
  /**
   * NumPy scalars: [rows].
   */
  'scalars'?: (_gymwire_v1_Tensor__Output | null);
  /**
   * Arrays of one shape: [rows, …].
   */
  'arrays'?: (_gymwire_v1_Tensor__Output | null);
  /**
   * Dictionaries with the same keys in the same order.
   */
  'dicts'?: (_gymwire_v1_InfoColumns__Output | null);
  /**
   * Anything else.
   */
  'values'?: (_gymwire_v1_ListValue__Output | null);
  'rows'?: "floats"|"ints"|"bools"|"scalars"|"arrays"|"dicts"|"values";
}
