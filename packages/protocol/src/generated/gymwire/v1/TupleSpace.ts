// Original file: proto/gymwire/v1/space.proto

import type { Space as _gymwire_v1_Space, Space__Output as _gymwire_v1_Space__Output } from '../../gymwire/v1/Space.ts';

export interface TupleSpace {
  'spaces'?: (_gymwire_v1_Space)[];
}

export interface TupleSpace__Output {
  'spaces': (_gymwire_v1_Space__Output)[];
}
