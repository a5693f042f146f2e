// Original file: proto/gymwire/v1/env_service.proto

import type { Value as _gymwire_v1_Value, Value__Output as _gymwire_v1_Value__Output } from '../../gymwire/v1/Value.ts';

export interface StepRequest {
  'sessionId'?: (string);
  'sequence'?: (number);
  /**
   * Vector sessions: with the leading dimension num_envs.
   */
  'action'?: (_gymwire_v1_Value | null);
}

export interface StepRequest__Output {
  'sessionId': (string);
  'sequence': (number);
  /**
   * Vector sessions: with the leading dimension num_envs.
   */
  'action': (_gymwire_v1_Value__Output | null);
}
