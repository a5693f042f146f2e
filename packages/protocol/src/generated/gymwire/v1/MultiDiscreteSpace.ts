// Original file: proto/gymwire/v1/space.proto

import type { Tensor as _gymwire_v1_Tensor, Tensor__Output as _gymwire_v1_Tensor__Output } from '../../gymwire/v1/Tensor.ts';

/**
 * Integer arrays; element i lies between start[i] and start[i] + nvec[i] - 1.
 */
export interface MultiDiscreteSpace {
  'nvec'?: (_gymwire_v1_Tensor | null);
  'start'?: (_gymwire_v1_Tensor | null);
}

/**
 * Integer arrays; element i lies between start[i] and start[i] + nvec[i] - 1.
 */
export interface MultiDiscreteSpace__Output {
  'nvec': (_gymwire_v1_Tensor__Output | null);
  'start': (_gymwire_v1_Tensor__Output | null);
}
