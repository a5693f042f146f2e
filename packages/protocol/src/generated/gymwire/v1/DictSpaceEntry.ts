// Original file: proto/gymwire/v1/space.proto

import type { Space as _gymwire_v1_Space, Space__Output as _gymwire_v1_Space__Output } from '../../gymwire/v1/Space.ts';

export interface DictSpaceEntry {
  'key'?: (string);
  'space'?: (_gymwire_v1_Space | null);
}

export interface DictSpaceEntry__Output {
  'key': (string);
  'space': (_gymwire_v1_Space__Output | null);
}
