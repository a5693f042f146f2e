// Original file: proto/gymwire/v1/value.proto

import type { Value as _gymwire_v1_Value, Value__Output as _gymwire_v1_Value__Output } from '../../gymwire/v1/Value.ts';

export interface DictEntry {
  'key'?: (string);
  'value'?: (_gymwire_v1_Value | null);
}

export interface DictEntry__Output {
  'key': (string);
  'value': (_gymwire_v1_Value__Output | null);
}
