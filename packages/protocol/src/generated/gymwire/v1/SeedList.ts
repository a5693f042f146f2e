// Original file: proto/gymwire/v1/env_service.proto

import type { OptionalSeed as _gymwire_v1_OptionalSeed, OptionalSeed__Output as _gymwire_v1_OptionalSeed__Output } from '../../gymwire/v1/OptionalSeed.ts';

/**
 * Seeds, one an environment; an absent value continues that environment's random stream.
 */
export interface SeedList {
  'seeds'?: (_gymwire_v1_OptionalSeed)[];
}

/**
 * Seeds, one an environment; an absent value continues that environment's random stream.
 */
export interface SeedList__Output {
  'seeds': (_gymwire_v1_OptionalSeed__Output)[];
}
