// Original file: proto/gymwire/v1/error.proto

import type { ErrorCode as _gymwire_v1_ErrorCode, ErrorCode__Output as _gymwire_v1_ErrorCode__Output } from '../../gymwire/v1/ErrorCode.ts';

/**
 * An error as data. Unary calls carry it serialized in the trailing metadata `gymwire-error-bin`;
 * a stream carries it as a response, and stays open.
 */
export interface Error {
  'code'?: (_gymwire_v1_ErrorCode);
  /**
   * What was expected, what came, and where.
   */
  'message'?: (string);
  /**
   * Machine-readable particulars, for instance the index of the offending element.
   */
  'details'?: ({[key: string]: string});
}

/**
 * An error as data. Unary calls carry it serialized in the trailing metadata `gymwire-error-bin`;
 * a stream carries it as a response, and stays open.
 */
export interface Error__Output {
  'code': (_gymwire_v1_ErrorCode__Output);
  /**
   * What was expected, what came, and where.
   */
  'message': (string);
  /**
   * Machine-readable particulars, for instance the index of the offending element.
   */
  'details': ({[key: string]: string});
}
