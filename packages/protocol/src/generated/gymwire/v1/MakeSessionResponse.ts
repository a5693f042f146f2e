// Original file: proto/gymwire/v1/env_service.proto

import type { Space as _gymwire_v1_Space, Space__Output as _gymwire_v1_Space__Output } from '../../gymwire/v1/Space.ts';
import type { EnvSpec as _gymwire_v1_EnvSpec, EnvSpec__Output as _gymwire_v1_EnvSpec__Output } from '../../gymwire/v1/EnvSpec.ts';
import type { AutoresetMode as _gymwire_v1_AutoresetMode, AutoresetMode__Output as _gymwire_v1_AutoresetMode__Output } from '../../gymwire/v1/AutoresetMode.ts';
import type { OutOfBoundsRule as _gymwire_v1_OutOfBoundsRule, OutOfBoundsRule__Output as _gymwire_v1_OutOfBoundsRule__Output } from '../../gymwire/v1/OutOfBoundsRule.ts';

export interface MakeSessionResponse {
  /**
   * Unguessable: whoever knows it may use the session.
   */
  'sessionId'?: (string);
  /**
   * The spaces of one environment; a vector session's arrays have a leading dimension num_envs.
   */
  'observationSpace'?: (_gymwire_v1_Space | null);
  'actionSpace'?: (_gymwire_v1_Space | null);
  /**
   * As asked for, with defaults filled in.
   */
  'spec'?: (_gymwire_v1_EnvSpec | null);
  'numEnvs'?: (number);
  'autoresetMode'?: (_gymwire_v1_AutoresetMode);
  'outOfBoundsRule'?: (_gymwire_v1_OutOfBoundsRule);
  'renderMode'?: (string);
  /**
   * A session without an attached stream is closed after this long without a call.
   */
  'idleTimeoutMs'?: (number);
  '_numEnvs'?: "numEnvs";
}

export interface MakeSessionResponse__Output {
  /**
   * Unguessable: whoever knows it may use the session.
   */
  'sessionId': (string);
  /**
   * The spaces of one environment; a vector session's arrays have a leading dimension num_envs.
   */
  'observationSpace': (_gymwire_v1_Space__Output | null);
  'actionSpace': (_gymwire_v1_Space__Output | null);
  /**
   * As asked for, with defaults filled in.
   */
  'spec': (_gymwire_v1_EnvSpec__Output | null);
  'numEnvs'?: (number);
  'autoresetMode': (_gymwire_v1_AutoresetMode__Output);
  'outOfBoundsRule': (_gymwire_v1_OutOfBoundsRule__Output);
  'renderMode': (string);
  /**
   * A session without an attached stream is closed after this long without a call.
   */
  'idleTimeoutMs': (number);
  '_numEnvs'?: "numEnvs";
}
