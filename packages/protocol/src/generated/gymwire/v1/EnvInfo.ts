// Original file: proto/gymwire/v1/env_service.proto

import type { DictValue as _gymwire_v1_DictValue, DictValue__Output as _gymwire_v1_DictValue__Output } from '../../gymwire/v1/DictValue.ts';

/**
 * The info dictionary of one environment of a session (0 for a single one). Empty ones are left out.
 */
export interface EnvInfo {
  'envIndex'?: (number);
  'info'?: (_gymwire_v1_DictValue | null);
}

/**
 * The info dictionary of one environment of a session (0 for a single one). Empty ones are left out.
 */
export interface EnvInfo__Output {
  'envIndex': (number);
  'info': (_gymwire_v1_DictValue__Output | null);
}
