// Original file: proto/gymwire/v1/value.proto

import type { DType as _gymwire_v1_DType, DType__Output as _gymwire_v1_DType__Output } from '../../gymwire/v1/DType.ts';

/**
 * A dense array in C (row-major) order. `data` holds exactly product(shape) elements.
 */
export interface Tensor {
  'dtype'?: (_gymwire_v1_DType);
  'shape'?: (number)[];
  'data'?: (Buffer | Uint8Array | string);
}

/**
 * A dense array in C (row-major) order. `data` holds exactly product(shape) elements.
 */
export interface Tensor__Output {
  'dtype': (_gymwire_v1_DType__Output);
  'shape': (number)[];
  'data': (Buffer);
}
