import { type Info, Scalar, Tuple, type Value, type ValueDict } from '@gymwire/protocol';

const third = 1 / 3;

/** The tensors of every dtype: its least and its greatest value; floats: what rounding would change. */
const tensors: ValueDict = {
  bool: { dtype: 'bool', shape: [2], data: Uint8Array.of(0, 1) },
  int8: { dtype: 'int8', shape: [2], data: Int8Array.of(-128, 127) },
  uint8: { dtype: 'uint8', shape: [2], data: Uint8Array.of(0, 255) },
  int16: { dtype: 'int16', shape: [2], data: Int16Array.of(-32768, 32767) },
  uint16: { dtype: 'uint16', shape: [2], data: Uint16Array.of(0, 65535) },
  int32: { dtype: 'int32', shape: [2], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) },
  uint32: { dtype: 'uint32', shape: [2], data: Uint32Array.of(0, 2 ** 32 - 1) },
  int64: { dtype: 'int64', shape: [2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n) },
  uint64: { dtype: 'uint64', shape: [2], data: BigUint64Array.of(0n, 2n ** 64n - 1n) },
  float32: { dtype: 'float32', shape: [2], data: Float32Array.of(third, -0) },
  float64: { dtype: 'float64', shape: [2], data: Float64Array.of(third, Number.MIN_VALUE) },
  point: { dtype: 'float64', shape: [], data: Float64Array.of(0.25) },
  none: { dtype: 'float32', shape: [0, 3], data: new Float32Array(0) },
  matrix: { dtype: 'int32', shape: [2, 3], data: Int32Array.of(0, 1, 2, 10, 11, 12) },
};

/** A value of every type that an info can hold, as docs/protocol.md lists them. */
export const everyType: Info = {
  null: null,
  false: false,
  true: true,
  int_min: -(2n ** 63n),
  int_max: 2n ** 63n - 1n,
  float: 0.1,
  float_whole: 3,
  float_negative_zero: -0,
  float_infinity: Number.POSITIVE_INFINITY,
  float_nan: Number.NaN,
  string: 'größe 😀',
  string_empty: '',
  bytes: Uint8Array.of(0, 255, 128),
  scalar_float32: new Scalar('float32', Math.fround(0.1)),
  scalar_float64: new Scalar('float64', 0.1),
  scalar_int64: new Scalar('int64', -(2n ** 63n)),
  scalar_bool: new Scalar('bool', 1),
  list: [1n, 1, '1', true],
  list_empty: [],
  tuple: new Tuple([1n, new Tuple([2n]), []]),
  dict: { b: 1n, a: { '': null } },
  deep: nest(20),
  tensors,
};

/** [[…[1]…]] */
function nest(levels: number): Value {
  return levels === 0 ? 1n : [nest(levels - 1)];
}
