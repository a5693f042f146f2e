// Original file: proto/gymwire/v1/env_service.proto

import type { Value as _gymwire_v1_Value, Value__Output as _gymwire_v1_Value__Output } from '../../gymwire/v1/Value.ts';

export interface StepRequest {
  'sessionId'?: (string);
  'sequence'?: (number);
  /**
   * Vector sessions: with the leading dimension num_envs.
   */
  'action'?: (_gymwire_v1_Value | null);
  /**
   * One little-endian uint64 an environment: the seed of the reset that this step may bring (NEXT_STEP, SAME_STEP); that
   * of an environment that this step does not reset is ignored. Empty: random streams continue. Capability `step-seeds`.
   */
  'nextSeeds'?: (Buffer | Uint8Array | string);
}

export interface StepRequest__Output {
  'sessionId': (string);
  'sequence': (number);
  /**
   * Vector sessions: with the leading dimension num_envs.
   */
  'action': (_gymwire_v1_Value__Output | null);
  /**
   * One little-endian uint64 an environment: the seed of the reset that this step may bring (NEXT_STEP, SAME_STEP); that
   * of an environment that this step does not reset is ignored. Empty: random streams continue. Capability `step-seeds`.
   */
  'nextSeeds': (Buffer);
}
