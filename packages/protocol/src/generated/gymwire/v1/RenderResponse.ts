// Original file: proto/gymwire/v1/env_service.proto

import type { Tensor as _gymwire_v1_Tensor, Tensor__Output as _gymwire_v1_Tensor__Output } from '../../gymwire/v1/Tensor.ts';

export interface RenderResponse {
  /**
   * uint8 [height, width, 3], rgb.
   */
  'frame'?: (_gymwire_v1_Tensor | null);
}

export interface RenderResponse__Output {
  /**
   * uint8 [height, width, 3], rgb.
   */
  'frame': (_gymwire_v1_Tensor__Output | null);
}
