// Original file: proto/gymwire/v1/env_service.proto

import type { InfoColumn as _gymwire_v1_InfoColumn, InfoColumn__Output as _gymwire_v1_InfoColumn__Output } from '../../gymwire/v1/InfoColumn.ts';

export interface InfoColumns {
  'columns'?: (_gymwire_v1_InfoColumn)[];
}

export interface InfoColumns__Output {
  'columns': (_gymwire_v1_InfoColumn__Output)[];
}
