import { isTensor, Scalar, type Tensor, Tuple, type Value, type ValueDict } from '@gymwire/protocol';

/**
 * The first place where two values differ, types and signs of zero included; NaN equals NaN.
 * @returns "where: expected …, got …", or undefined
 */
export function findDifference(expected: Value, got: Value | undefined, where: string): string | undefined {
  const unlike = () => `${where}: expected ${show(expected)}, got ${show(got)}`;
  if (got === undefined) return unlike();
  if (typeof expected !== 'object' || expected === null)
    return Object.is(expected, got) ? undefined : unlike();
  if (typeof got !== 'object' || got === null) return unlike();
  if (expected instanceof Scalar) {
    const same =
      got instanceof Scalar && got.dtype === expected.dtype && Object.is(got.value, expected.value);
    return same ? undefined : unlike();
  }
  if (isTensor(expected)) return isTensor(got) && sameTensor(expected, got) ? undefined : unlike();
  if (expected instanceof Uint8Array) {
    return got instanceof Uint8Array && Buffer.compare(expected, got) === 0 ? undefined : unlike();
  }
  if (expected instanceof Tuple) {
    return got instanceof Tuple ? differenceOfItems(expected.items, got.items, where) : unlike();
  }
  if (Array.isArray(expected)) {
    return Array.isArray(got) ? differenceOfItems(expected, got as Value[], where) : unlike();
  }
  return isDict(got) ? differenceOfDicts(expected as ValueDict, got, where) : unlike();
}

function sameTensor(a: Tensor, b: Tensor): boolean {
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join() || a.data.length !== b.data.length)
    return false;
  // As bytes first: an element at a time is slow for a picture. Two NaNs may differ in their bytes.
  if (bytesOf(a).equals(bytesOf(b))) return true;
  return a.data.every((x: number | bigint, i: number) => Object.is(x, b.data[i]));
}

function bytesOf({ data }: Tensor): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function differenceOfItems(expected: readonly Value[], got: readonly Value[], where: string) {
  if (expected.length !== got.length) {
    return `${where}: expected ${expected.length} items, got ${got.length}`;
  }
  for (const [i, item] of expected.entries()) {
    const difference = findDifference(item, got[i], `${where}[${i}]`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** The order of keys counts. */
function differenceOfDicts(expected: ValueDict, got: ValueDict, where: string) {
  const [keys, gotKeys] = [Object.keys(expected), Object.keys(got)];
  if (keys.join('\n') !== gotKeys.join('\n')) {
    return `${where}: expected the keys ${show(keys)} in this order, got ${show(gotKeys)}`;
  }
  for (const key of keys) {
    const difference = findDifference(expected[key], got[key], `${where}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

export function isDict(value: Value | undefined): value is ValueDict {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !isTensor(value) &&
    !(value instanceof Tuple) &&
    !(value instanceof Scalar) &&
    !ArrayBuffer.isView(value)
  );
}

/** A value in a line, with its type, cut where it gets long. */
export function show(value: Value | undefined): string {
  const text = showWhole(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

function showWhole(value: Value | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  switch (typeof value) {
    case 'bigint':
      return `the int ${value}`;
    case 'number':
      return `the float ${Object.is(value, -0) ? '-0' : value}`;
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return String(value);
    default:
      return showObject(value);
  }
}

function showObject(value: NonNullable<Value> & object): string {
  if (isTensor(value)) {
    const shown = Array.from<number | bigint, string>(
      value.data.slice(0, 12) as ArrayLike<number | bigint>,
      (x) => (Object.is(x, -0) ? '-0' : String(x)),
    ).join(', ');
    const rest = value.data.length > 12 ? ', …' : '';
    return `${value.dtype} [${value.shape.join(', ')}] (${shown}${rest})`;
  }
  if (value instanceof Scalar) return `the ${value.dtype} scalar ${value.value}`;
  if (value instanceof Uint8Array) return `${value.length} bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Tuple) return `(${value.items.map(showWhole).join(', ')})`;
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(showWhole).join(', ')}]`;
  return `{${Object.entries(value as ValueDict)
    .map(([key, item]) => `${key}: ${showWhole(item)}`)
    .join(', ')}}`;
}
