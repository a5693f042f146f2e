// Original file: proto/gymwire/v1/env_service.proto

import type { DictEntry as _gymwire_v1_DictEntry, DictEntry__Output as _gymwire_v1_DictEntry__Output } from '../../gymwire/v1/DictEntry.ts';
import type { AutoresetMode as _gymwire_v1_AutoresetMode, AutoresetMode__Output as _gymwire_v1_AutoresetMode__Output } from '../../gymwire/v1/AutoresetMode.ts';
import type { OutOfBoundsRule as _gymwire_v1_OutOfBoundsRule, OutOfBoundsRule__Output as _gymwire_v1_OutOfBoundsRule__Output } from '../../gymwire/v1/OutOfBoundsRule.ts';

export interface MakeSessionRequest {
  'envId'?: (string);
  'arguments'?: (_gymwire_v1_DictEntry)[];
  /**
   * Absent: a single environment, whose arrays have no leading dimension. Present: a vector session.
   */
  'numEnvs'?: (number);
  'autoresetMode'?: (_gymwire_v1_AutoresetMode);
  /**
   * Empty: none.
   */
  'renderMode'?: (string);
  /**
   * Overrides the spec's: absent keeps it, 0 means no limit.
   */
  'maxEpisodeSteps'?: (number);
  'outOfBoundsRule'?: (_gymwire_v1_OutOfBoundsRule);
  /**
   * Vector sessions: this client reads `packed_infos`. A server may use them then, and does not have to; without it,
   * never.
   */
  'acceptsPackedInfos'?: (boolean);
  '_numEnvs'?: "numEnvs";
  '_maxEpisodeSteps'?: "maxEpisodeSteps";
}

export interface MakeSessionRequest__Output {
  'envId': (string);
  'arguments': (_gymwire_v1_DictEntry__Output)[];
  /**
   * Absent: a single environment, whose arrays have no leading dimension. Present: a vector session.
   */
  'numEnvs'?: (number);
  'autoresetMode': (_gymwire_v1_AutoresetMode__Output);
  /**
   * Empty: none.
   */
  'renderMode': (string);
  /**
   * Overrides the spec's: absent keeps it, 0 means no limit.
   */
  'maxEpisodeSteps'?: (number);
  'outOfBoundsRule': (_gymwire_v1_OutOfBoundsRule__Output);
  /**
   * Vector sessions: this client reads `packed_infos`. A server may use them then, and does not have to; without it,
   * never.
   */
  'acceptsPackedInfos': (boolean);
  '_numEnvs'?: "numEnvs";
  '_maxEpisodeSteps'?: "maxEpisodeSteps";
}
