// Original file: proto/gymwire/v1/space.proto

import type { DictSpaceEntry as _gymwire_v1_DictSpaceEntry, DictSpaceEntry__Output as _gymwire_v1_DictSpaceEntry__Output } from '../../gymwire/v1/DictSpaceEntry.ts';

/**
 * Named spaces in the order that Gymnasium iterates (and flattens) them.
 */
export interface DictSpace {
  'entries'?: (_gymwire_v1_DictSpaceEntry)[];
}

/**
 * Named spaces in the order that Gymnasium iterates (and flattens) them.
 */
export interface DictSpace__Output {
  'entries': (_gymwire_v1_DictSpaceEntry__Output)[];
}
