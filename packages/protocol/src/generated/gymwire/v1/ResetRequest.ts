// Original file: proto/gymwire/v1/env_service.proto

import type { SeedList as _gymwire_v1_SeedList, SeedList__Output as _gymwire_v1_SeedList__Output } from '../../gymwire/v1/SeedList.ts';
import type { DictValue as _gymwire_v1_DictValue, DictValue__Output as _gymwire_v1_DictValue__Output } from '../../gymwire/v1/DictValue.ts';
import type { Long } from '@grpc/proto-loader';

export interface ResetRequest {
  /**
   * Unary calls only; on a stream the session is the attached one.
   */
  'sessionId'?: (string);
  /**
   * 1 more than that of the session's last Reset, Step or CallMethod (the first is 1, and 1 follows 2^32 - 1); equal to it:
   * a retry, answered with the reply that is kept. 0: unnumbered, carried out at once (tools).
   */
  'sequence'?: (number);
  'seed'?: (number | string | Long);
  'seeds'?: (_gymwire_v1_SeedList | null);
  /**
   * Passed to the simulator.
   */
  'options'?: (_gymwire_v1_DictValue | null);
  /**
   * Vector sessions: which environments to reset. Empty: all.
   */
  'mask'?: (boolean)[];
  /**
   * Environment i of a vector session gets seed + i. Neither: random streams continue.
   */
  'seeding'?: "seed"|"seeds";
}

export interface ResetRequest__Output {
  /**
   * Unary calls only; on a stream the session is the attached one.
   */
  'sessionId': (string);
  /**
   * 1 more than that of the session's last Reset, Step or CallMethod (the first is 1, and 1 follows 2^32 - 1); equal to it:
   * a retry, answered with the reply that is kept. 0: unnumbered, carried out at once (tools).
   */
  'sequence': (number);
  'seed'?: (string);
  'seeds'?: (_gymwire_v1_SeedList__Output | null);
  /**
   * Passed to the simulator.
   */
  'options': (_gymwire_v1_DictValue__Output | null);
  /**
   * Vector sessions: which environments to reset. Empty: all.
   */
  'mask': (boolean)[];
  /**
   * Environment i of a vector session gets seed + i. Neither: random streams continue.
   */
  'seeding'?: "seed"|"seeds";
}
