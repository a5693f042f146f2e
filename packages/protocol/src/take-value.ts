/**
 * What a program hands over → values of our own. TypeScript's types do not stop a Date, a Map or a forgotten `await`,
 * and an encoder that took them for dictionaries would send `{}` without a word: whatever has no place on the wire is
 * named here with its path, and left out. Whether that is an error is the caller's to say.
 */
import { GymwireError } from './errors.ts';
import {
  arrayKind,
  copyElements,
  type DType,
  dtypes,
  isTensor,
  Scalar,
  type Tensor,
  typedArrays,
} from './tensor.ts';
import { scalarFault, tensorFault } from './tensor-fault.ts';
import { messageOf } from './thrown.ts';
import { Tuple, type Value, type ValueDict } from './value.ts';

/**
 * Deeper nesting is refused: a hostile message must not exhaust the stack. A dictionary takes three messages a level, and
 * the decoders of C++, Java and Python follow 100 at most: 32 levels fit, with the reply around them, if the dictionary of
 * an info is the first.
 */
export const maxDepth = 32;
const tooDeep = `values nest at most ${maxDepth} levels deep`;
const maxInt64 = 2n ** 63n - 1n;

/** Something that has no place on the wire. */
export interface Foreign {
  /** Where it was: `info["traj"]["x"]`. */
  readonly path: string;
  /** What it is, and what to hand over instead. */
  readonly why: string;
}

/** A value, and what is missing of it: dictionary entries that are foreign, or lists that hold something foreign. */
export interface Taken<T> {
  readonly value: T;
  readonly foreign: readonly Foreign[];
}

export interface TakeOptions {
  /** Default true. False: arrays are shared with what was given; for those who encode at once. */
  readonly copies?: boolean;
}

const nothing: readonly Foreign[] = [];

/**
 * A dictionary of our own: nothing in it changes when the program writes into what it gave. Typed arrays become
 * tensors of one dimension, Uint8Arrays bytes; scalars and tensors are held to their dtypes. Keys that are symbols are
 * no data, as everywhere in JavaScript.
 * @param where what paths start with
 */
export function takeDict(given: unknown, where: string, options?: TakeOptions): Taken<ValueDict> {
  const scalars = takeScalars(given);
  if (scalars !== undefined) return { value: scalars, foreign: nothing };
  const intake = new Intake(where, options?.copies ?? true);
  const dict = intake.takeRoot(() => {
    if (typeof given === 'object' && given !== null && isPlain(given)) return intake.takeContainer(given);
    return intake.refuse(`expected a dictionary (a plain object), got ${describe(given)}`);
  });
  return { value: dict === foreign ? {} : (dict as ValueDict), foreign: intake.found ?? nothing };
}

/**
 * A copy of a dictionary of numbers and booleans, as the info of a step is as a rule: in a tenth of the time.
 * @returns undefined where there is something that `takeDict` must look at
 */
export function takeScalars(given: unknown, maxEntries = Number.POSITIVE_INFINITY): ValueDict | undefined {
  if (typeof given !== 'object' || given === null || Object.getPrototypeOf(given) !== Object.prototype) {
    return undefined;
  }
  try {
    if (isEmpty(given)) return none;
    // The copy is looked at, since a getter may say something else the next time.
    const copy: Readonly<Record<string, unknown>> = { ...given };
    const keys = Object.keys(copy);
    if (keys.length > maxEntries) return undefined;
    for (const key of keys) {
      const value = copy[key];
      const isScalar = typeof value === 'number' || typeof value === 'boolean';
      if (!isScalar || !isWellFormed(key)) return undefined;
    }
    return copy as ValueDict;
  } catch {
    return undefined;
  }
}

function isEmpty(given: object): boolean {
  for (const _ in given) return false;
  return true;
}

const none: ValueDict = Object.freeze({});

/** Takes any value as `takeDict` does; null in the place of one that is foreign itself. */
export function takeValue(given: unknown, where: string, options?: TakeOptions): Taken<Value> {
  const intake = new Intake(where, options?.copies ?? true);
  const value = intake.takeRoot(() => intake.take(given));
  return { value: value === foreign ? null : value, foreign: intake.found ?? nothing };
}

/** @throws GymwireError MALFORMED for the first thing that is foreign */
export function refuseForeign<T>({ value, foreign: [first] }: Taken<T>): T {
  if (first === undefined) return value;
  throw new GymwireError('MALFORMED', `${first.path}: ${first.why}`, { details: { where: first.path } });
}

/** In the place of a value. */
const foreign = Symbol('foreign');

type Key = string | number;

class Intake {
  readonly #where: string;
  readonly #copies: boolean;
  readonly #path: Key[] = [];
  /** What the value at hand lies in. */
  readonly #around: object[] = [];
  found: Foreign[] | undefined;

  constructor(where: string, copies: boolean) {
    this.#where = where;
    this.#copies = copies;
  }

  /** Getters and proxies may throw, in the root as in every entry. */
  takeRoot(take: () => Value | typeof foreign): Value | typeof foreign {
    try {
      return take();
    } catch (thrown) {
      return this.refuse(`it cannot be read: ${messageOf(thrown)}`);
    }
  }

  refuse(why: string): typeof foreign {
    this.found ??= [];
    this.found.push({ path: this.#where + this.#path.map(step).join(''), why });
    return foreign;
  }

  take(given: unknown): Value | typeof foreign {
    if (this.#path.length > maxDepth) return this.refuse(tooDeep);
    switch (typeof given) {
      case 'number':
      case 'boolean':
        return given;
      case 'string':
        return isWellFormed(given) ? given : this.refuse(`the text ${quote(given)} is no valid Unicode`);
      case 'bigint':
        if (given <= maxInt64 && given >= -maxInt64 - 1n) return given;
        return this.refuse(`integer ${given} does not fit into 64 bits`);
      case 'object':
        return given === null ? null : this.#takeObject(given);
      default:
        return this.refuse(cannotTravel(given));
    }
  }

  #takeObject(given: object): Value | typeof foreign {
    if (given instanceof Scalar) return this.#takeScalar(given as Scalar);
    if (ArrayBuffer.isView(given)) return this.#takeArray(given);
    if (isTensor(given)) return this.#takeTensor(given);
    return this.takeContainer(given);
  }

  takeContainer(given: object): Value | typeof foreign {
    if (this.#around.includes(given)) return this.refuse('it contains itself');
    this.#around.push(given);
    const taken = this.#takeContent(given);
    this.#around.pop();
    return taken;
  }

  #takeContent(given: object): Value | typeof foreign {
    if (given instanceof Tuple) {
      const items = this.#takeItems(given.items);
      return items === foreign ? foreign : new Tuple(items);
    }
    if (Array.isArray(given)) return this.#takeItems(given as readonly unknown[]);
    return isPlain(given) ? this.#takeEntries(given) : this.refuse(cannotTravel(given));
  }

  #takeEntries(given: object): ValueDict | typeof foreign {
    const dict: Record<string, Value> = {};
    const found = this.found?.length ?? 0;
    let isEmpty = true;
    for (const key of Object.keys(given)) {
      const value = this.#takeAt(given, key);
      if (value === foreign) continue;
      isEmpty = false;
      if (!isWellFormed(key)) {
        this.#refuseAt(key, 'the key is no valid Unicode');
        continue;
      }
      // A key such as __proto__ is data like any other.
      if (key === '__proto__') Object.defineProperty(dict, key, { value, enumerable: true, writable: true });
      else dict[key] = value;
    }
    return isEmpty && this.#isAllTooDeep(found) ? this.refuse(tooDeep) : dict;
  }

  /** A branch that nests too deep goes at its top: nobody is helped by a chain of empty dictionaries. */
  #isAllTooDeep(since: number): boolean {
    if (this.found === undefined || this.found.length === since || this.#path.length === 0) return false;
    if (this.found.some(({ why }, i) => i >= since && why !== tooDeep)) return false;
    this.found.length = since;
    return true;
  }

  /** Without one of its items a list would be another list: all of it is foreign. */
  #takeItems(given: readonly unknown[]): Value[] | typeof foreign {
    const items: Value[] = [];
    for (let i = 0; i < given.length; i++) {
      const item = this.#takeAt(given, i);
      if (item === foreign) return foreign;
      items.push(item);
    }
    return items;
  }

  #takeAt(container: object, key: string | number): Value | typeof foreign {
    const { length } = this.#path;
    const around = this.#around.length;
    this.#path.push(key);
    try {
      const value = (container as Readonly<Record<string, unknown>>)[key];
      const isScalar = typeof value === 'number' || typeof value === 'boolean';
      return isScalar && length < maxDepth ? value : this.take(value);
    } catch (thrown) {
      this.#path.length = length + 1;
      this.#around.length = around;
      return this.refuse(`it cannot be read: ${messageOf(thrown)}`);
    } finally {
      this.#path.length = length;
    }
  }

  #refuseAt(key: Key, why: string): void {
    this.#path.push(key);
    this.refuse(why);
    this.#path.pop();
  }

  #takeScalar(given: Scalar): Value | typeof foreign {
    const fault = scalarFault(given);
    if (fault !== undefined) return this.refuse(fault);
    const { dtype, value } = given;
    const isWide = dtype === 'int64' || dtype === 'uint64';
    return new Scalar(dtype, isWide ? BigInt(value) : Number(value));
  }

  #takeTensor(given: Tensor): Value | typeof foreign {
    const { dtype, shape, data } = given;
    const tensor = { dtype, shape, data };
    const fault = tensorFault(tensor);
    if (fault !== undefined) return this.refuse(fault);
    return this.#copies ? { dtype, shape: [...shape], data: copyElements(dtype, data) } : tensor;
  }

  #takeArray(given: ArrayBufferView): Value | typeof foreign {
    const kind = arrayKind(given);
    if (kind === 'Uint8Array')
      return this.#copies ? new Uint8Array(given as Uint8Array) : (given as Uint8Array);
    const dtype = kind === undefined ? undefined : dtypesByKind[kind];
    if (dtype === undefined) return this.refuse(cannotTravel(given));
    const data = given as ArrayBufferView & Tensor['data'];
    return { dtype, shape: [data.length], data: this.#copies ? copyElements(dtype, data) : data };
  }
}

/** Uint8Arrays are bytes. */
const dtypesByKind: Readonly<Record<string, DType>> = {
  Uint8ClampedArray: 'uint8',
  ...Object.fromEntries(
    dtypes
      .filter((dtype) => typedArrays[dtype] !== Uint8Array)
      .map((dtype) => [typedArrays[dtype].name, dtype]),
  ),
};

/** True for an object of a literal, of `JSON.parse` or without prototype, of any realm; what a class made is something else. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Protocol buffers' strings are UTF-8, which has no halves of surrogate pairs. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function step(key: Key): string {
  return `[${typeof key === 'string' ? quote(key) : String(key)}]`;
}

function quote(text: string): string {
  return JSON.stringify(text.length <= 100 ? text : `${text.slice(0, 100)}…`);
}

const instead: Readonly<Record<string, string>> = {
  undefined: 'leave it out, or use null',
  Date: 'use its getTime() or toISOString()',
  Map: 'use Object.fromEntries',
  Set: 'use an array',
  Promise: 'await it',
  DataView: 'use a Uint8Array',
  ArrayBuffer: 'use a Uint8Array',
  SharedArrayBuffer: 'use a Uint8Array',
  Float16Array: 'use a Float32Array',
};

function cannotTravel(value: unknown): string {
  const kind = nameOf(value);
  const remedy =
    instead[kind] ?? 'use numbers, bigints, strings, arrays, plain objects, typed arrays or tensors';
  return `${describe(value)} cannot travel: ${remedy}`;
}

function describe(value: unknown): string {
  const name = nameOf(value);
  if (value === undefined || value === null) return name;
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  const { constructor } = value;
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'object';
}
