// Original file: proto/gymwire/v1/env_service.proto

import type { AutoresetMode as _gymwire_v1_AutoresetMode, AutoresetMode__Output as _gymwire_v1_AutoresetMode__Output } from '../../gymwire/v1/AutoresetMode.ts';
import type { BatchSeeding as _gymwire_v1_BatchSeeding, BatchSeeding__Output as _gymwire_v1_BatchSeeding__Output } from '../../gymwire/v1/BatchSeeding.ts';

/**
 * How a simulator that is a batch behaves. Before one was made, of what nobody has declared, fields are left out.
 */
export interface BatchSpec {
  /**
   * The modes that it can be made with; its own first, which a request that names none gets. Of a session: the one that it
   * has. Empty: told when one is made.
   */
  'autoresetModes'?: (_gymwire_v1_AutoresetMode)[];
  /**
   * How many environments a session may have; equal: no other number. Absent: no limit of its own.
   */
  'minNumEnvs'?: (number);
  'maxNumEnvs'?: (number);
  /**
   * SAME_STEP: a step that ends episodes brings `final_observation`. False: it does not, and what those steps led to is
   * unknown. The other modes always have it.
   */
  'finalObservations'?: (boolean);
  'seeding'?: (_gymwire_v1_BatchSeeding);
  /**
   * A reset may have a mask.
   */
  'masks'?: (boolean);
  '_minNumEnvs'?: "minNumEnvs";
  '_maxNumEnvs'?: "maxNumEnvs";
}

/**
 * How a simulator that is a batch behaves. Before one was made, of what nobody has declared, fields are left out.
 */
export interface BatchSpec__Output {
  /**
   * The modes that it can be made with; its own first, which a request that names none gets. Of a session: the one that it
   * has. Empty: told when one is made.
   */
  'autoresetModes': (_gymwire_v1_AutoresetMode__Output)[];
  /**
   * How many environments a session may have; equal: no other number. Absent: no limit of its own.
   */
  'minNumEnvs'?: (number);
  'maxNumEnvs'?: (number);
  /**
   * SAME_STEP: a step that ends episodes brings `final_observation`. False: it does not, and what those steps led to is
   * unknown. The other modes always have it.
   */
  'finalObservations': (boolean);
  'seeding': (_gymwire_v1_BatchSeeding__Output);
  /**
   * A reset may have a mask.
   */
  'masks': (boolean);
  '_minNumEnvs'?: "minNumEnvs";
  '_maxNumEnvs'?: "maxNumEnvs";
}
