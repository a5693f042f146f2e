// Original file: proto/gymwire/v1/space.proto

import type { DType as _gymwire_v1_DType, DType__Output as _gymwire_v1_DType__Output } from '../../gymwire/v1/DType.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Integers from `start` to `start + n - 1`.
 */
export interface DiscreteSpace {
  'n'?: (number | string | Long);
  'start'?: (number | string | Long);
  'dtype'?: (_gymwire_v1_DType);
}

/**
 * Integers from `start` to `start + n - 1`.
 */
export interface DiscreteSpace__Output {
  'n': (string);
  'start': (string);
  'dtype': (_gymwire_v1_DType__Output);
}
