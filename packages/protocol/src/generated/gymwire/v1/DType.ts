// Original file: proto/gymwire/v1/value.proto

/**
 * Element type of a Tensor. Every multi-byte type is little-endian.
 */
export const DType = {
  D_TYPE_UNSPECIFIED: 'D_TYPE_UNSPECIFIED',
  /**
   * One byte an element, 0 or 1.
   */
  D_TYPE_BOOL: 'D_TYPE_BOOL',
  D_TYPE_INT8: 'D_TYPE_INT8',
  D_TYPE_UINT8: 'D_TYPE_UINT8',
  D_TYPE_INT16: 'D_TYPE_INT16',
  D_TYPE_UINT16: 'D_TYPE_UINT16',
  D_TYPE_INT32: 'D_TYPE_INT32',
  D_TYPE_UINT32: 'D_TYPE_UINT32',
  D_TYPE_INT64: 'D_TYPE_INT64',
  D_TYPE_UINT64: 'D_TYPE_UINT64',
  D_TYPE_FLOAT32: 'D_TYPE_FLOAT32',
  D_TYPE_FLOAT64: 'D_TYPE_FLOAT64',
} as const;

/**
 * Element type of a Tensor. Every multi-byte type is little-endian.
 */
export type DType =
  | 'D_TYPE_UNSPECIFIED'
  | 0
  /**
   * One byte an element, 0 or 1.
   */
  | 'D_TYPE_BOOL'
  | 1
  | 'D_TYPE_INT8'
  | 2
  | 'D_TYPE_UINT8'
  | 3
  | 'D_TYPE_INT16'
  | 4
  | 'D_TYPE_UINT16'
  | 5
  | 'D_TYPE_INT32'
  | 6
  | 'D_TYPE_UINT32'
  | 7
  | 'D_TYPE_INT64'
  | 8
  | 'D_TYPE_UINT64'
  | 9
  | 'D_TYPE_FLOAT32'
  | 10
  | 'D_TYPE_FLOAT64'
  | 11

/**
 * Element type of a Tensor. Every multi-byte type is little-endian.
 */
export type DType__Output = typeof DType[keyof typeof DType]
