/**
 * Values and errors in a form that messages between threads keep: structured cloning would strip Scalars, Tuples
 * and GymwireErrors of their class, and send the whole buffer behind a view.
 */
import {
  type DType,
  type ErrorCode,
  type ErrorOrigin,
  GymwireError,
  isTensor,
  messageOf,
  Scalar,
  type Tensor,
  Tuple,
  type Value,
  type ValueDict,
} from '@gymwire/protocol';
import { cutText } from './cut-text.ts';

export type PortableValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | { readonly kind: 'bytes'; readonly data: Uint8Array }
  | { readonly kind: 'tensor'; readonly tensor: Tensor }
  | { readonly kind: 'scalar'; readonly dtype: DType; readonly value: number | bigint }
  | { readonly kind: 'tuple' | 'list'; readonly items: readonly PortableValue[] }
  | { readonly kind: 'dict'; readonly entries: ReadonlyArray<readonly [string, PortableValue]> };

export interface PortableError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** The code of a GymwireError, as are origin and details. */
  readonly code: ErrorCode | undefined;
  readonly origin: ErrorOrigin | undefined;
  readonly details: Readonly<Record<string, string>>;
  readonly cause: PortableError | undefined;
}

/** @throws GymwireError MALFORMED for what is no value, such as a function */
export function packValue(value: Value): PortableValue {
  if (value === null || ['boolean', 'number', 'bigint', 'string'].includes(typeof value)) {
    return value as PortableValue;
  }
  if (typeof value !== 'object') {
    throw new GymwireError('MALFORMED', `a ${typeof value} cannot travel: it is no value`);
  }
  if (value instanceof Scalar) return { kind: 'scalar', dtype: value.dtype, value: value.value };
  if (value instanceof Uint8Array) return { kind: 'bytes', data: value.slice() };
  if (isTensor(value)) {
    const { dtype, shape, data } = value;
    return { kind: 'tensor', tensor: { dtype, shape: [...shape], data: data.slice() } };
  }
  if (value instanceof Tuple) return { kind: 'tuple', items: value.items.map(packValue) };
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item: Value) => packValue(item)) };
  const entries = Object.entries(value as ValueDict);
  return { kind: 'dict', entries: entries.map(([key, inner]) => [key, packValue(inner)] as const) };
}

export function unpackValue(packed: PortableValue): Value {
  if (packed === null || typeof packed !== 'object') return packed;
  switch (packed.kind) {
    case 'bytes':
      return packed.data;
    case 'tensor':
      return packed.tensor;
    case 'scalar':
      return new Scalar(packed.dtype, packed.value);
    case 'tuple':
      return new Tuple(packed.items.map(unpackValue));
    case 'list':
      return packed.items.map(unpackValue);
    case 'dict':
      return unpackDict(packed);
  }
}

/** @throws TypeError when the value is no dictionary */
export function unpackDict(packed: PortableValue): ValueDict {
  if (packed === null || typeof packed !== 'object' || packed.kind !== 'dict') {
    throw new TypeError('expected a packed dictionary');
  }
  return Object.fromEntries(packed.entries.map(([key, inner]) => [key, unpackValue(inner)]));
}

/** Causes of causes; more are left out, also where an error is its own cause. */
const maxCauses = 8;
/** Lengths of an error's texts, in UTF-16 units: who has more to say has put data into it. */
const maxLengths = { name: 100, message: 4000, stack: 16_000, detail: 1000 };
const maxDetails = 32;

/** Never throws, whatever was thrown; and is never large. */
export function packError(thrown: unknown, causes = maxCauses): PortableError {
  const message = cutText(messageOf(thrown), maxLengths.message);
  const none = { stack: undefined, code: undefined, origin: undefined, details: {} };
  const bare = { name: 'Error', message, ...none };
  try {
    if (!(thrown instanceof Error)) return { ...bare, cause: undefined };
    const { name, stack, cause } = thrown as { name: unknown; stack?: unknown; cause?: unknown };
    const own = thrown instanceof GymwireError ? thrown : undefined;
    return {
      ...bare,
      name: typeof name === 'string' ? cutText(name, maxLengths.name) : 'Error',
      stack: typeof stack === 'string' ? cutText(stack, maxLengths.stack) : undefined,
      code: typeof own?.code === 'string' ? own.code : undefined,
      origin: typeof own?.origin === 'string' ? own.origin : undefined,
      details: textsOf(own?.details),
      cause: cause === undefined || causes === 0 ? undefined : packError(cause, causes - 1),
    };
  } catch {
    return { ...bare, cause: undefined };
  }
}

function textsOf(details: unknown): Readonly<Record<string, string>> {
  if (typeof details !== 'object' || details === null) return {};
  const texts = Object.entries(details).slice(0, maxDetails);
  const { detail } = maxLengths;
  return Object.fromEntries(
    texts.map(([key, value]) => [cutText(key, detail), cutText(String(value), detail)]),
  );
}

/** With the stack of the thread that threw. */
export function unpackError({ name, message, stack, code, origin, details, cause }: PortableError): Error {
  const inner = cause === undefined ? {} : { cause: unpackError(cause) };
  const error =
    code === undefined
      ? new Error(message, inner)
      : new GymwireError(code, message, { details, origin: origin ?? 'local', ...inner });
  error.name = name;
  // The line that makes it here is not the line that threw.
  error.stack = stack ?? `${name}: ${message}`;
  return error;
}
