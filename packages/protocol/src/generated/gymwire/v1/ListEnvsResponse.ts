// Original file: proto/gymwire/v1/env_service.proto

import type { EnvSpec as _gymwire_v1_EnvSpec, EnvSpec__Output as _gymwire_v1_EnvSpec__Output } from '../../gymwire/v1/EnvSpec.ts';

export interface ListEnvsResponse {
  'envs'?: (_gymwire_v1_EnvSpec)[];
}

export interface ListEnvsResponse__Output {
  'envs': (_gymwire_v1_EnvSpec__Output)[];
}
