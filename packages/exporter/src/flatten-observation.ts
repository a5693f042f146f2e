import { ExporterError, type ExporterErrorCode } from './errors.ts';
import {
  integerRanges,
  layoutSize,
  type ObservationDType,
  type ObservationLayout,
} from './observation-layout.ts';

/** One array of an observation: a typed array or list in C order (lists may be nested), or a tensor with its shape. */
export type ObservationArray =
  | ArrayLike<number>
  | ArrayLike<bigint>
  | { readonly data: ArrayLike<number> | ArrayLike<bigint>; readonly shape: readonly number[] };

/**
 * An observation as an environment gives it: what the policy's layout says. The type takes whatever a client of
 * `@gymwire/agent-sdk` returns; what does not fit the layout is refused when it comes.
 */
export type Observation =
  | ObservationArray
  | number
  | bigint
  | boolean
  | string
  | null
  | { readonly dtype: string; readonly value: number | bigint }
  | { readonly items: readonly Observation[] }
  | readonly Observation[]
  | { readonly [key: string]: Observation };

type BoxLayout = Extract<ObservationLayout, { type: 'box' }>;

/**
 * The row of float32 numbers that a policy takes: parts in the order of the layout, each in C order, each number
 * rounded to float32 once.
 * @param layout of `policy.metadata.observation`
 * @param rows absent: one observation; else a batch, in which each array has a leading dimension of this size
 * @returns [rows, size]
 * @throws ExporterError `OBSERVATION_STRUCTURE`, `OBSERVATION_SIZE`, `OBSERVATION_VALUE`, `OBSERVATION_TOO_LARGE`
 */
export function flattenObservation(
  layout: ObservationLayout,
  observation: Observation,
  rows?: number,
): Float32Array {
  const size = layoutSize(layout);
  const row = { out: new Float32Array((rows ?? 1) * size), size, rows };
  writePart(layout, observation, 'observation', 0, row);
  return row.out;
}

interface Rows {
  readonly out: Float32Array;
  /** Numbers in one row. */
  readonly size: number;
  readonly rows: number | undefined;
}

/** @returns the offset behind the part's last number */
function writePart(
  layout: ObservationLayout,
  value: unknown,
  where: string,
  offset: number,
  rows: Rows,
): number {
  switch (layout.type) {
    case 'box':
      return writeBox(layout, value, where, offset, rows);
    case 'dict': {
      const fields = fieldsOf(layout.entries, value, where);
      return layout.entries.reduce(
        (end, [key, entry]) => writePart(entry, fields[key], `${where}[${JSON.stringify(key)}]`, end, rows),
        offset,
      );
    }
    case 'tuple': {
      const items = itemsOf(value);
      if (items?.length !== layout.items.length) {
        const got = items === undefined ? describe(value) : `${items.length} items`;
        throw structure(where, `a tuple of ${layout.items.length}`, got);
      }
      return layout.items.reduce(
        (end, entry, i) => writePart(entry, items[i], `${where}[${i}]`, end, rows),
        offset,
      );
    }
  }
}

function fieldsOf(
  entries: readonly (readonly [string, ObservationLayout])[],
  value: unknown,
  where: string,
): Readonly<Record<string, unknown>> {
  const keys = entries.map(([key]) => key);
  const expected = `a dictionary of ${keys.map((key) => JSON.stringify(key)).join(', ')}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw structure(where, expected, describe(value));
  }
  const missing = keys.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) throw structure(where, expected, `none of ${JSON.stringify(missing)}`);
  const stranger = Object.keys(value).find((key) => !keys.includes(key));
  if (stranger !== undefined) throw structure(where, expected, `${JSON.stringify(stranger)} too`);
  return value as Readonly<Record<string, unknown>>;
}

/** Returns the items of a list, or of a Tuple of `@gymwire/protocol`. */
function itemsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value as readonly unknown[];
  const items = typeof value === 'object' && value !== null && 'items' in value ? value.items : undefined;
  return Array.isArray(items) ? items : undefined;
}

function writeBox(layout: BoxLayout, value: unknown, where: string, offset: number, rows: Rows): number {
  const shape = rows.rows === undefined ? layout.shape : [rows.rows, ...layout.shape];
  const size = layoutSize(layout);
  const numbers = numbersOf(value, shape, where);
  const isOfDType = tagOf(numbers) === arrayTags[layout.dtype];
  for (let i = 0; i < numbers.length; i++) {
    const number: unknown = numbers[i];
    if (!isOfDType) checkNumber(number, layout.dtype, where, i);
    const at = Math.floor(i / size) * rows.size + offset + (i % size);
    rows.out[at] = Number(number);
    if (Number.isFinite(rows.out[at]) || !Number.isFinite(Number(number))) continue;
    throw problem(
      'OBSERVATION_TOO_LARGE',
      `${where}, number ${i}`,
      'a number that float32 can hold',
      String(number),
    );
  }
  return offset + size;
}

/** A part's numbers in C order. */
function numbersOf(value: unknown, shape: readonly number[], where: string): ArrayLike<unknown> {
  const count = shape.reduce((product, size) => product * size, 1);
  const expected = `shape [${shape.join(', ')}]`;
  if (typeof value !== 'object' || value === null) {
    if (shape.length === 0 && isScalar(value)) return [value];
    throw structure(where, `an array of ${expected}`, describe(value));
  }
  if ('data' in value && 'shape' in value && isList(value.data) && Array.isArray(value.shape)) {
    if (sameShape(value.shape, shape) && value.data.length === count) return value.data;
    throw misshapen(where, expected, `[${value.shape.join(', ')}], ${value.data.length} numbers`);
  }
  if ('dtype' in value && 'value' in value && shape.length === 0) return [value.value];
  if (Array.isArray(value) && value.some(isList)) return nestedNumbers(value, shape, where);
  if (!isList(value)) throw structure(where, `an array of ${expected}`, describe(value));
  if (value.length === count) return value;
  throw misshapen(where, expected, `${value.length} numbers`);
}

function nestedNumbers(list: readonly unknown[], shape: readonly number[], where: string): unknown[] {
  const [length, ...inner] = shape;
  if (list.length !== length || inner.length === 0) {
    throw misshapen(where, `shape [${shape.join(', ')}]`, `a list of ${list.length} lists`);
  }
  return list.flatMap((item, i) => Array.from(numbersOf(item, inner, `${where}[${i}]`)));
}

function checkNumber(value: unknown, dtype: ObservationDType, where: string, index: number): void {
  const range = integerRanges[dtype];
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  if (range === null) {
    if (isNumber) return;
    throw unfit(where, index, 'a number', value);
  }
  const [low, high] = range;
  if (dtype === 'bool' && typeof value === 'boolean') return;
  // Comparing numbers with bigints is exact.
  if (isNumber && (typeof value === 'bigint' || Number.isInteger(value)) && value >= low && value <= high)
    return;
  throw unfit(where, index, `a whole number from ${low} to ${high} (${dtype})`, value);
}

/** Tags, not classes: arrays may come from another realm, as in a test runner's sandbox. */
const arrayTags: Readonly<Record<ObservationDType, string | null>> = {
  // A byte says more than false and true.
  bool: null,
  int8: 'Int8Array',
  uint8: 'Uint8Array',
  int16: 'Int16Array',
  uint16: 'Uint16Array',
  int32: 'Int32Array',
  uint32: 'Uint32Array',
  int64: 'BigInt64Array',
  uint64: 'BigUint64Array',
  float32: 'Float32Array',
  float64: 'Float64Array',
};

/** A typed array's class by name, in whatever realm it was made; undefined for anything else. */
export function tagOf(value: unknown): string | undefined {
  return ArrayBuffer.isView(value) && Symbol.toStringTag in value
    ? String(value[Symbol.toStringTag])
    : undefined;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && tagOf(value) !== 'DataView');
}

function isScalar(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}

function sameShape(a: readonly unknown[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  const tag = tagOf(value);
  if (tag !== undefined && ArrayBuffer.isView(value)) return `a ${tag} of ${value.byteLength} bytes`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function structure(where: string, expected: string, got: string): ExporterError {
  return problem('OBSERVATION_STRUCTURE', where, expected, got);
}

function misshapen(where: string, expected: string, got: string): ExporterError {
  return problem('OBSERVATION_SIZE', where, expected, got);
}

function unfit(where: string, index: number, expected: string, value: unknown): ExporterError {
  const got = isScalar(value) ? String(value) : describe(value);
  return problem('OBSERVATION_VALUE', `${where}, number ${index}`, expected, got);
}

function problem(code: ExporterErrorCode, where: string, expected: string, got: string): ExporterError {
  return new ExporterError(code, `${where}: expected ${expected}, got ${got}`);
}
