// Original file: proto/gymwire/v1/env_service.proto

import type { Value as _gymwire_v1_Value, Value__Output as _gymwire_v1_Value__Output } from '../../gymwire/v1/Value.ts';
import type { EnvInfo as _gymwire_v1_EnvInfo, EnvInfo__Output as _gymwire_v1_EnvInfo__Output } from '../../gymwire/v1/EnvInfo.ts';
import type { PackedInfos as _gymwire_v1_PackedInfos, PackedInfos__Output as _gymwire_v1_PackedInfos__Output } from '../../gymwire/v1/PackedInfos.ts';

export interface StepResponse {
  'sequence'?: (number);
  'observation'?: (_gymwire_v1_Value | null);
  /**
   * One little-endian float64 an environment.
   */
  'rewards'?: (Buffer | Uint8Array | string);
  /**
   * One byte an environment, 0 or 1.
   */
  'terminated'?: (Buffer | Uint8Array | string);
  'truncated'?: (Buffer | Uint8Array | string);
  'infos'?: (_gymwire_v1_EnvInfo)[];
  /**
   * SAME_STEP only: the environments whose episode ended in this step, ascending; none where a batch simulator does not
   * tell last observations.
   */
  'finalEnvIndices'?: (number)[];
  /**
   * Their last observations, one row for each of `final_env_indices`.
   */
  'finalObservation'?: (_gymwire_v1_Value | null);
  'finalInfos'?: (_gymwire_v1_EnvInfo)[];
  /**
   * In the place of `infos` and `final_infos`, of any environments, for clients that accept them.
   */
  'packedInfos'?: (_gymwire_v1_PackedInfos)[];
  'packedFinalInfos'?: (_gymwire_v1_PackedInfos)[];
}

export interface StepResponse__Output {
  'sequence': (number);
  'observation': (_gymwire_v1_Value__Output | null);
  /**
   * One little-endian float64 an environment.
   */
  'rewards': (Buffer);
  /**
   * One byte an environment, 0 or 1.
   */
  'terminated': (Buffer);
  'truncated': (Buffer);
  'infos': (_gymwire_v1_EnvInfo__Output)[];
  /**
   * SAME_STEP only: the environments whose episode ended in this step, ascending; none where a batch simulator does not
   * tell last observations.
   */
  'finalEnvIndices': (number)[];
  /**
   * Their last observations, one row for each of `final_env_indices`.
   */
  'finalObservation': (_gymwire_v1_Value__Output | null);
  'finalInfos': (_gymwire_v1_EnvInfo__Output)[];
  /**
   * In the place of `infos` and `final_infos`, of any environments, for clients that accept them.
   */
  'packedInfos': (_gymwire_v1_PackedInfos__Output)[];
  'packedFinalInfos': (_gymwire_v1_PackedInfos__Output)[];
}
