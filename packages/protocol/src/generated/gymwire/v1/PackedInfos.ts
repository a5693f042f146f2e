// Original file: proto/gymwire/v1/env_service.proto

import type { InfoColumn as _gymwire_v1_InfoColumn, InfoColumn__Output as _gymwire_v1_InfoColumn__Output } from '../../gymwire/v1/InfoColumn.ts';

/**
 * The info dictionaries of several environments that have the same keys in the same order, each key's values of the same
 * kind: read row by row, they are the same dictionaries as in so many EnvInfo. An environment is in one of them, or in
 * an EnvInfo, or has an empty info.
 */
export interface PackedInfos {
  /**
   * Ascending, one for each row. Empty: as many as there are rows, from 0.
   */
  'envIndices'?: (number)[];
  'columns'?: (_gymwire_v1_InfoColumn)[];
}

/**
 * The info dictionaries of several environments that have the same keys in the same order, each key's values of the same
 * kind: read row by row, they are the same dictionaries as in so many EnvInfo. An environment is in one of them, or in
 * an EnvInfo, or has an empty info.
 */
export interface PackedInfos__Output {
  /**
   * Ascending, one for each row. Empty: as many as there are rows, from 0.
   */
  'envIndices': (number)[];
  'columns': (_gymwire_v1_InfoColumn__Output)[];
}
