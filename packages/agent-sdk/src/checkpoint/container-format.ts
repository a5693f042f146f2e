import { endianness } from 'node:os';
import { z } from 'zod';

/**
 * The one layout of files that gymwire saves, all integers little-endian:
 *
 *   8 bytes   magic
 *   uint32    format version
 *   uint32    length of the header in bytes
 *   header    JSON in UTF-8: kind, byteOrder, arrays, content
 *   32 bytes  SHA-256 of everything before: what a header says can be relied on before arrays are read
 *   arrays    the raw elements of each array of `arrays`, one after another
 *   32 bytes  SHA-256 of everything before
 *
 * `content` is a JSON tree in which {"$array": i} stands for the i-th array.
 */
export const magic = Buffer.from('\x89GYMWIRE', 'latin1');
export const formatVersion = 1;
/** Magic, version and header length. */
export const prefixLength = magic.length + 8;
export const digestLength = 32;

export const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
} as const;

export type ArrayDType = keyof typeof arrayTypes;
export type StoredArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

export const byteOrder = endianness();

const arraySchema = z.strictObject({
  /** The place in the content: "replay.reward". */
  name: z.string(),
  dtype: z.enum(Object.keys(arrayTypes) as [ArrayDType, ...ArrayDType[]]),
  /** Elements. */
  length: z.int().nonnegative(),
});

export const headerSchema = z.strictObject({
  kind: z.string(),
  byteOrder: z.enum(['LE', 'BE']),
  arrays: z.array(arraySchema),
  content: z.unknown(),
});

export type ContainerHeader = z.infer<typeof headerSchema>;
export type ArrayEntry = z.infer<typeof arraySchema>;

export function byteLengthOf(entry: ArrayEntry): number {
  return entry.length * arrayTypes[entry.dtype].BYTES_PER_ELEMENT;
}

/** The dtype of an array that a container can hold, undefined for anything else. */
export function dtypeOf(value: unknown): ArrayDType | undefined {
  // By tag, not by class: a worker's arrays are of another realm where a test runner has one of its own.
  return ArrayBuffer.isView(value) ? dtypesByTag.get(Object.prototype.toString.call(value)) : undefined;
}

const dtypesByTag: ReadonlyMap<string, ArrayDType> = new Map(
  (Object.keys(arrayTypes) as ArrayDType[]).map((dtype) => [`[object ${arrayTypes[dtype].name}]`, dtype]),
);
