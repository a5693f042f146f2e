import { OnnxGraphError } from './errors.ts';
import type { ElementArray, ElementType } from './model.ts';

/** TensorProto.DataType. */
const dataTypes = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 } as const satisfies Record<
  ElementType,
  number
>;

const arrayClasses = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

export function dataTypeOf(type: ElementType): number {
  return dataTypes[type];
}

export function elementTypeOf(dataType: number, where: string): ElementType {
  for (const type of Object.keys(dataTypes) as ElementType[]) if (dataTypes[type] === dataType) return type;
  throw new OnnxGraphError(
    'UNSUPPORTED_MODEL',
    `${where}: expected element type ${Object.keys(dataTypes).join(', ')}, got ONNX data type ${dataType}`,
  );
}

export function arrayMatches(type: ElementType, data: ElementArray): boolean {
  return data instanceof arrayClasses[type];
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The bytes as TensorProto.raw_data has them: little-endian. May share memory with `data`. */
export function toRawData(data: ElementArray): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return hostIsLittleEndian ? bytes : swapped(bytes, data.BYTES_PER_ELEMENT);
}

/** A copy, so that the array is aligned and independent of the file's buffer. */
export function fromRawData(type: ElementType, raw: Uint8Array): ElementArray {
  const ArrayClass = arrayClasses[type];
  const own = new Uint8Array(hostIsLittleEndian ? raw : swapped(raw, ArrayClass.BYTES_PER_ELEMENT));
  return new ArrayClass(own.buffer);
}

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const within = i % width;
    out[i] = bytes[i - within + (width - 1 - within)] ?? 0;
  }
  return out;
}
