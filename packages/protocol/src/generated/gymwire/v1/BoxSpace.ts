// Original file: proto/gymwire/v1/space.proto

import type { Tensor as _gymwire_v1_Tensor, Tensor__Output as _gymwire_v1_Tensor__Output } from '../../gymwire/v1/Tensor.ts';

/**
 * Real or integer arrays between `low` and `high`, element by element; both carry shape and dtype.
 */
export interface BoxSpace {
  'low'?: (_gymwire_v1_Tensor | null);
  'high'?: (_gymwire_v1_Tensor | null);
}

/**
 * Real or integer arrays between `low` and `high`, element by element; both carry shape and dtype.
 */
export interface BoxSpace__Output {
  'low': (_gymwire_v1_Tensor__Output | null);
  'high': (_gymwire_v1_Tensor__Output | null);
}
