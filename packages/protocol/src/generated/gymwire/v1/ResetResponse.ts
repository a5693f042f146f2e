// Original file: proto/gymwire/v1/env_service.proto

import type { Value as _gymwire_v1_Value, Value__Output as _gymwire_v1_Value__Output } from '../../gymwire/v1/Value.ts';
import type { EnvInfo as _gymwire_v1_EnvInfo, EnvInfo__Output as _gymwire_v1_EnvInfo__Output } from '../../gymwire/v1/EnvInfo.ts';
import type { PackedInfos as _gymwire_v1_PackedInfos, PackedInfos__Output as _gymwire_v1_PackedInfos__Output } from '../../gymwire/v1/PackedInfos.ts';

export interface ResetResponse {
  'sequence'?: (number);
  /**
   * Vector sessions: all environments; those outside the mask have their current observation.
   */
  'observation'?: (_gymwire_v1_Value | null);
  'infos'?: (_gymwire_v1_EnvInfo)[];
  /**
   * As in a StepResponse.
   */
  'packedInfos'?: (_gymwire_v1_PackedInfos)[];
}

export interface ResetResponse__Output {
  'sequence': (number);
  /**
   * Vector sessions: all environments; those outside the mask have their current observation.
   */
  'observation': (_gymwire_v1_Value__Output | null);
  'infos': (_gymwire_v1_EnvInfo__Output)[];
  /**
   * As in a StepResponse.
   */
  'packedInfos': (_gymwire_v1_PackedInfos__Output)[];
}
