/** Values of servers that are not what their space says: told apart, and described. */
import { isTensor, Scalar, Tuple, type Value, type ValueDict } from '@gymwire/protocol';

/** What is none of the wire's other kinds. */
export function isDict(value: Value | undefined): value is ValueDict {
  if (typeof value !== 'object' || value === null) return false;
  const isOther = Array.isArray(value) || value instanceof Uint8Array || isTensor(value);
  return !isOther && !(value instanceof Tuple || value instanceof Scalar);
}

/** In a few words, however long it is. */
export function describeValue(value: Value | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  if (isTensor(value)) return `${value.dtype} [${value.shape.join(', ')}]`;
  if (value instanceof Tuple) return `a tuple of ${value.items.length}`;
  if (value instanceof Scalar) return `the ${value.dtype} scalar ${value.value}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'object')
    return `a dictionary with the keys ${shortened(Object.keys(value).join(', ')) || '(none)'}`;
  return `the ${typeof value} ${shortened(String(value))}`;
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
