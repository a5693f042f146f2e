/** Is a value a member of a space? Structure, shape and dtype first; then finiteness; then bounds. */
import {
  arrayKind,
  type BoxSpace,
  isTensor,
  Scalar,
  type Space,
  type Tensor,
  type TensorData,
  Tuple,
  tensorFault,
  type Value,
} from '@gymwire/protocol';

/** What is wrong with a value, for whoever turns it into an error. */
export interface Mismatch {
  readonly kind: 'structure' | 'non-finite' | 'bounds';
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
  /** What a simulator would do to return it as it should be, where that is known; goes on after the message. */
  readonly remedy?: string;
}

const structure = (where: string, expected: string, got: string): Mismatch => ({
  kind: 'structure',
  message: `${where}: expected ${expected}, got ${got}`,
  details: { where },
});

/**
 * @param bounds also refuse values outside a Box
 * @returns the first thing that is wrong, or undefined
 */
export function findMismatch(
  space: Space,
  value: Value,
  where: string,
  bounds: boolean,
): Mismatch | undefined {
  switch (space.type) {
    case 'box':
      return boxMismatch(space.low, space.high, value, where, bounds);
    case 'discrete':
      return discreteMismatch(space.n, space.start, value, where);
    case 'multi-binary':
      return multiBinaryMismatch(space.shape, value, where);
    case 'multi-discrete':
      return multiDiscreteMismatch(space.nvec, space.start, value, where);
    case 'dict':
      return dictMismatch(space.entries, value, where, bounds);
    case 'tuple':
      if (!(value instanceof Tuple) || value.items.length !== space.spaces.length) {
        return structure(where, `a tuple of ${space.spaces.length}`, describeValue(value));
      }
      return firstOf(space.spaces, (inner, i) =>
        findMismatch(inner, value.items[i], `${where}[${i}]`, bounds),
      );
    case 'text':
      return textMismatch(space.minLength, space.maxLength, space.charset, value, where);
  }
}

/**
 * The quick look at a member as nearly all are: an array of floats in a Box of them.
 * @returns false for whatever else, and for what is wrong: `findMismatch` says
 */
export function isFloatRow({ low, high }: BoxSpace, value: Value, bounds: boolean): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { dtype, shape, data } = value as Partial<Tensor>;
  if (!ArrayBuffer.isView(data) || data.constructor !== low.data.constructor) return false;
  if (dtype !== low.dtype || data.length !== low.data.length || !sameShape(shape, low.shape)) return false;
  if (dtype === 'float32') return isWithin(data as Float32Array, low.data, high.data, bounds);
  return dtype === 'float64' && isWithin(data as Float64Array, low.data, high.data, bounds);
}

function isWithin(data: Floats, low: TensorData, high: TensorData, bounds: boolean): boolean {
  for (let i = 0; i < data.length; i++) {
    const x = data[i];
    // Of what is not finite the difference is none.
    if (x - x !== 0) return false;
    if (bounds && (x < low[i] || x > high[i])) return false;
  }
  return true;
}

type Floats = Float32Array | Float64Array;

function boxMismatch(
  low: Tensor,
  high: Tensor,
  value: Value,
  where: string,
  bounds: boolean,
): Mismatch | undefined {
  if (!isLike(low, value)) {
    const wrong = structure(where, `${low.dtype} [${low.shape.join(', ')}]`, describeValue(value));
    return isRowOfNumbers(value, low) ? { ...wrong, remedy: ': return float32([…])' } : wrong;
  }
  const { data } = value;
  // A picture's bytes are all finite.
  if (!bounds && isIntegerType(low.dtype)) return undefined;
  for (let i = 0; i < data.length; i++) {
    const x = data[i];
    if (typeof x === 'number' && !Number.isFinite(x)) {
      const details = { where, index: String(i), value: String(x) };
      return { kind: 'non-finite', message: `${where}[${i}] is ${x}`, details };
    }
    if (bounds && (x < low.data[i] || x > high.data[i])) {
      const [name, bound] = x < low.data[i] ? ['low', low.data[i]] : ['high', high.data[i]];
      const message = `${where}[${i}] is ${x}, outside its ${name} bound ${bound}`;
      return {
        kind: 'bounds',
        message,
        details: { where, index: String(i), value: String(x), [name]: String(bound) },
      };
    }
  }
  return undefined;
}

/** Returns whether `float32` would make a member of it, but for what it rounds: as many numbers as a Box of one axis has. */
function isRowOfNumbers(value: Value, { dtype, shape }: Tensor): boolean {
  if (dtype !== 'float32' || shape.length !== 1) return false;
  if (isTensor(value) && (tensorFault(value) !== undefined || !sameShape(value.shape, shape))) return false;
  const row: unknown = isTensor(value) ? value.data : value;
  if (!Array.isArray(row) && !ArrayBuffer.isView(row)) return false;
  const numbers = row as ArrayLike<unknown>;
  return numbers.length === shape[0] && typeof numbers[0] === 'number';
}

function arrayMismatch(
  shape: readonly number[],
  dtype: string | undefined,
  value: Value,
  where: string,
): Mismatch | undefined {
  const fits = isTensorOf(value, shape) && isIntegerType(value.dtype);
  if (fits && (dtype === undefined || value.dtype === dtype)) return undefined;
  return structure(where, `${dtype ?? 'integers'} [${shape.join(', ')}]`, describeValue(value));
}

function discreteMismatch(n: bigint, start: bigint, value: Value, where: string): Mismatch | undefined {
  const integer = integerOf(value);
  if (integer === undefined) return structure(where, 'an integer', describeValue(value));
  if (integer >= start && integer < start + n) return undefined;
  return structure(where, `an integer from ${start} to ${start + n - 1n}`, String(integer));
}

function multiBinaryMismatch(shape: readonly number[], value: Value, where: string): Mismatch | undefined {
  const wrong = arrayMismatch(shape, undefined, value, where);
  if (wrong !== undefined || !isTensor(value)) return wrong;
  const { data } = value;
  for (let i = 0; i < data.length; i++) {
    const x = Number(data[i]);
    if (x !== 0 && x !== 1) return structure(`${where}[${i}]`, '0 or 1', String(data[i]));
  }
  return undefined;
}

function multiDiscreteMismatch(
  nvec: Tensor,
  start: Tensor,
  value: Value,
  where: string,
): Mismatch | undefined {
  const wrong = arrayMismatch(nvec.shape, nvec.dtype, value, where);
  if (wrong !== undefined || !isTensor(value)) return wrong;
  for (let i = 0; i < value.data.length; i++) {
    const x = BigInt(value.data[i]);
    const first = BigInt(start.data[i]);
    const last = first + BigInt(nvec.data[i]) - 1n;
    if (x < first || x > last)
      return structure(`${where}[${i}]`, `an integer from ${first} to ${last}`, String(x));
  }
  return undefined;
}

function dictMismatch(
  entries: ReadonlyArray<readonly [string, Space]>,
  value: Value,
  where: string,
  bounds: boolean,
): Mismatch | undefined {
  const keys = entries.map(([key]) => key);
  if (
    !isDict(value) ||
    Object.keys(value).length !== keys.length ||
    !keys.every((key) => Object.hasOwn(value, key))
  ) {
    return structure(where, `a dictionary with the keys ${keys.join(', ')}`, describeValue(value));
  }
  return firstOf(entries, ([key, inner]) => findMismatch(inner, value[key], `${where}.${key}`, bounds));
}

function textMismatch(
  min: number,
  max: number,
  charset: string,
  value: Value,
  where: string,
): Mismatch | undefined {
  // Code points, which is what Python counts.
  const characters = typeof value === 'string' ? Array.from(value) : undefined;
  const fits = characters !== undefined && characters.length >= min && characters.length <= max;
  if (fits && characters.every((character) => charset.includes(character))) return undefined;
  return structure(where, `a text of ${min} to ${max} characters of its charset`, describeValue(value));
}

function firstOf<T>(items: readonly T[], check: (item: T, index: number) => Mismatch | undefined) {
  for (const [index, item] of items.entries()) {
    const mismatch = check(item, index);
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}

export function isDict(value: Value): value is { readonly [key: string]: Value } {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return (
    isObject &&
    !isTensor(value) &&
    !(value instanceof Tuple) &&
    !(value instanceof Scalar) &&
    !ArrayBuffer.isView(value)
  );
}

export function integerOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (value instanceof Scalar && isIntegerType(value.dtype)) return BigInt(value.value);
  if (
    isTensor(value) &&
    value.data.length === 1 &&
    isIntegerType(value.dtype) &&
    tensorFault(value) === undefined
  ) {
    return BigInt(value.data[0]);
  }
  return undefined;
}

function isIntegerType(dtype: string): boolean {
  return dtype.startsWith('int') || dtype.startsWith('uint') || dtype === 'bool';
}

/** Returns whether a value is an array of the same dtype and shape. A bound has the class that its dtype asks for. */
function isLike(bound: Tensor, value: Value): value is Tensor {
  if (!isTensor(value) || value.dtype !== bound.dtype || !sameShape(value.shape, bound.shape)) return false;
  const { data } = value;
  const isUsual = data.constructor === bound.data.constructor && data.length === bound.data.length;
  return (isUsual && value.dtype !== 'bool') || tensorFault(value) === undefined;
}

/** Returns whether it is one, with the array class of its dtype. */
function isTensorOf(value: Value, shape: readonly number[]): value is Tensor {
  return isTensor(value) && sameShape(value.shape, shape) && tensorFault(value) === undefined;
}

function sameShape(a: readonly number[] | undefined, b: readonly number[]): boolean {
  if (!Array.isArray(a) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function describeValue(value: Value | undefined): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value !== 'object') return `the ${typeof value} ${String(value)}`;
  if (isTensor(value)) {
    const fault = tensorFault(value);
    return fault === undefined ? `${value.dtype} [${value.shape.join(', ')}]` : `a bad tensor (${fault})`;
  }
  if (value instanceof Scalar) return `the ${value.dtype} scalar ${value.value}`;
  if (value instanceof Tuple) return `a tuple of ${value.items.length}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  const kind = arrayKind(value);
  if (kind !== undefined) {
    return `a ${kind} of ${(value as Uint8Array).length}, which has no shape: make { dtype, shape, data } of it`;
  }
  return `a dictionary with the keys ${Object.keys(value).join(', ') || '(none)'}`;
}
