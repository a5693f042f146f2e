// Original file: proto/gymwire/v1/env_service.proto

import type { Value as _gymwire_v1_Value, Value__Output as _gymwire_v1_Value__Output } from '../../gymwire/v1/Value.ts';

export interface ReadAttributeResponse {
  /**
   * One an environment, in order.
   */
  'values'?: (_gymwire_v1_Value)[];
}

export interface ReadAttributeResponse__Output {
  /**
   * One an environment, in order.
   */
  'values': (_gymwire_v1_Value__Output)[];
}
