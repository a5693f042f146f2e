// Original file: proto/gymwire/v1/value.proto

import type { DictEntry as _gymwire_v1_DictEntry, DictEntry__Output as _gymwire_v1_DictEntry__Output } from '../../gymwire/v1/DictEntry.ts';

/**
 * A dictionary with string keys, in order.
 */
export interface DictValue {
  'entries'?: (_gymwire_v1_DictEntry)[];
}

/**
 * A dictionary with string keys, in order.
 */
export interface DictValue__Output {
  'entries': (_gymwire_v1_DictEntry__Output)[];
}
