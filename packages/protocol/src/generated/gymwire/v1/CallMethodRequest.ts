// Original file: proto/gymwire/v1/env_service.proto

import type { ListValue as _gymwire_v1_ListValue, ListValue__Output as _gymwire_v1_ListValue__Output } from '../../gymwire/v1/ListValue.ts';
import type { DictValue as _gymwire_v1_DictValue, DictValue__Output as _gymwire_v1_DictValue__Output } from '../../gymwire/v1/DictValue.ts';

export interface CallMethodRequest {
  'sessionId'?: (string);
  /**
   * As of a Reset or Step, with which it counts: a method may change the simulator.
   */
  'sequence'?: (number);
  'name'?: (string);
  /**
   * Vector sessions: whose method is called, ascending; each gets the same arguments. Empty: all.
   */
  'envIndices'?: (number)[];
  'arguments'?: (_gymwire_v1_ListValue | null);
  /**
   * A language that has none hands them on as a dictionary after the others.
   */
  'keywordArguments'?: (_gymwire_v1_DictValue | null);
}

export interface CallMethodRequest__Output {
  'sessionId': (string);
  /**
   * As of a Reset or Step, with which it counts: a method may change the simulator.
   */
  'sequence': (number);
  'name': (string);
  /**
   * Vector sessions: whose method is called, ascending; each gets the same arguments. Empty: all.
   */
  'envIndices': (number)[];
  'arguments': (_gymwire_v1_ListValue__Output | null);
  /**
   * A language that has none hands them on as a dictionary after the others.
   */
  'keywordArguments': (_gymwire_v1_DictValue__Output | null);
}
