// Original file: proto/gymwire/v1/value.proto

import type { Value as _gymwire_v1_Value, Value__Output as _gymwire_v1_Value__Output } from '../../gymwire/v1/Value.ts';

export interface ListValue {
  'values'?: (_gymwire_v1_Value)[];
}

export interface ListValue__Output {
  'values': (_gymwire_v1_Value__Output)[];
}
