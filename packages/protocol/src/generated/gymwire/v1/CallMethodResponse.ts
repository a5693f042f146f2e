// Original file: proto/gymwire/v1/env_service.proto

import type { Value as _gymwire_v1_Value, Value__Output as _gymwire_v1_Value__Output } from '../../gymwire/v1/Value.ts';
import type { Error as _gymwire_v1_Error, Error__Output as _gymwire_v1_Error__Output } from '../../gymwire/v1/Error.ts';

export interface CallMethodResponse {
  'sequence'?: (number);
  /**
   * One an environment, in order.
   */
  'results'?: (_gymwire_v1_Value)[];
  /**
   * Instead: what a method failed with, or why its result cannot travel. It has been called, and the request has its
   * number: sent again, it gets this answer again.
   */
  'fault'?: (_gymwire_v1_Error | null);
}

export interface CallMethodResponse__Output {
  'sequence': (number);
  /**
   * One an environment, in order.
   */
  'results': (_gymwire_v1_Value__Output)[];
  /**
   * Instead: what a method failed with, or why its result cannot travel. It has been called, and the request has its
   * number: sent again, it gets this answer again.
   */
  'fault': (_gymwire_v1_Error__Output | null);
}
