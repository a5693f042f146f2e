// Original file: proto/gymwire/v1/env_service.proto

export const ArgumentType = {
  ARGUMENT_TYPE_UNSPECIFIED: 'ARGUMENT_TYPE_UNSPECIFIED',
  ARGUMENT_TYPE_BOOL: 'ARGUMENT_TYPE_BOOL',
  ARGUMENT_TYPE_INT: 'ARGUMENT_TYPE_INT',
  ARGUMENT_TYPE_FLOAT: 'ARGUMENT_TYPE_FLOAT',
  ARGUMENT_TYPE_STRING: 'ARGUMENT_TYPE_STRING',
  /**
   * A list or tuple of floats of fixed length.
   */
  ARGUMENT_TYPE_FLOAT_LIST: 'ARGUMENT_TYPE_FLOAT_LIST',
} as const;

export type ArgumentType =
  | 'ARGUMENT_TYPE_UNSPECIFIED'
  | 0
  | 'ARGUMENT_TYPE_BOOL'
  | 1
  | 'ARGUMENT_TYPE_INT'
  | 2
  | 'ARGUMENT_TYPE_FLOAT'
  | 3
  | 'ARGUMENT_TYPE_STRING'
  | 4
  /**
   * A list or tuple of floats of fixed length.
   */
  | 'ARGUMENT_TYPE_FLOAT_LIST'
  | 5

export type ArgumentType__Output = typeof ArgumentType[keyof typeof ArgumentType]
