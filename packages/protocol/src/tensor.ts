/** Dense arrays as the wire knows them: a dtype, a shape and C-ordered elements. */

/** Element types, by NumPy's names. */
export type DType =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64';

/** The typed array that holds each dtype; `bool` is one byte an element, 0 or 1. */
export const typedArrays = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** The names of all element types. */
export const dtypes: readonly DType[] = Object.keys(typedArrays) as DType[];

interface TypedArrayByDType {
  bool: Uint8Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  float32: Float32Array;
  float64: Float64Array;
}

export type TypedArrayOf<D extends DType> = TypedArrayByDType[D];
export type TensorData = TypedArrayOf<DType>;

/** A dense array in C order; `data.length` is the product of `shape`. */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: TypedArrayOf<D>;
}

/** A NumPy scalar: one element that keeps its dtype. */
export class Scalar<D extends DType = DType> {
  readonly dtype: D;
  readonly value: D extends 'int64' | 'uint64' ? bigint : number;

  constructor(dtype: D, value: Scalar<D>['value']) {
    this.dtype = dtype;
    this.value = value;
  }
}

/** Number of elements of an array of this shape; 1 for shape []. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** An array of zeros. */
export function zeros<D extends DType>(dtype: D, shape: readonly number[]): Tensor<D> {
  const data = new typedArrays[dtype](elementCount(shape)) as TypedArrayOf<D>;
  return { dtype, shape, data };
}

/** A one-dimensional float32 array, each value rounded to float32 once. */
export function float32(values: ArrayLike<number>): Tensor<'float32'> {
  return { dtype: 'float32', shape: [values.length], data: new Float32Array(values) };
}

/** A one-dimensional float64 array. */
export function float64(values: ArrayLike<number>): Tensor<'float64'> {
  return { dtype: 'float64', shape: [values.length], data: new Float64Array(values) };
}

/** The same elements in memory of their own. (Node's Buffer is a typed array whose `slice` shares.) */
export function copyElements<D extends DType>(dtype: D, data: TypedArrayOf<D>): TypedArrayOf<D> {
  const copy = new typedArrays[dtype](data.length) as TypedArrayOf<D>;
  copyOver(copy, data);
  return copy;
}

/** Up to here a loop beats the call into TypedArray.set. */
const fewElements = 32;

/** Writes elements over others. @param to of the same class and length */
export function copyOver(to: TensorData, from: TensorData): void {
  if (from.length > fewElements) (to as Float64Array).set(from as Float64Array);
  else for (let i = 0; i < from.length; i++) to[i] = from[i];
}

const kindGetter = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get;

/**
 * The name of a typed array's class ("Float32Array"), also of one from another realm or of a subclass such as Buffer;
 * undefined for anything else.
 */
export function arrayKind(value: unknown): string | undefined {
  return kindGetter?.call(value) as string | undefined;
}

/** Returns whether a value is a tensor (rather than a dictionary that happens to have such keys). */
export function isTensor(value: unknown): value is Tensor {
  return (
    typeof value === 'object' &&
    value !== null &&
    'dtype' in value &&
    'shape' in value &&
    'data' in value &&
    ArrayBuffer.isView(value.data)
  );
}
