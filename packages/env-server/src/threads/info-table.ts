/**
 * Infos of scalars as numbers in shared memory. Simulators return the same few keys step after step: the writing
 * side learns them when they first come, tells the reading side once, and from then on sends a schema's number and
 * the bare values.
 */
import { type DType, type Info, Scalar, type Value } from '@gymwire/protocol';

/** A Python float, int or bool, or a NumPy scalar: all that float64 holds exactly. */
type ScalarKind = 'python float' | 'python int' | 'python bool' | Exclude<DType, 'int64' | 'uint64'>;

/** A key and the kind of its value, in the order in which the info has them. */
export type InfoSchema = ReadonlyArray<readonly [key: string, kind: ScalarKind]>;

/** Values an info may have; larger ones go by message. */
export const maxInfoValues = 32;
/** Beyond, keys are taken for data, and the infos go by message. */
const maxSchemas = 100;

/** What a row says instead of a schema's index. */
export const emptyInfo = 255;
export const infoByMessage = 254;

/** The writing side. */
export class InfoWriter {
  readonly #schemas: InfoSchema[] = [];
  #unsent: InfoSchema[] = [];

  /**
   * @param values at least maxInfoValues numbers, where the info's go
   * @returns the index of its schema, emptyInfo or infoByMessage
   */
  write(info: Info, values: Float64Array): number {
    const keys = Object.keys(info);
    if (keys.length === 0) return emptyInfo;
    if (keys.length > maxInfoValues) return infoByMessage;
    const known = this.#schemas.findIndex((schema) => fits(schema, keys, info));
    const index = known >= 0 ? known : this.#learn(keys, info);
    if (index === infoByMessage) return index;
    for (let i = 0; i < keys.length; i++) values[i] = numberOf(info[keys[i]]);
    return index;
  }

  /** Schemas that the reading side has not seen, in the order of their indices. */
  takeNew(): readonly InfoSchema[] {
    const unsent = this.#unsent;
    if (unsent.length > 0) this.#unsent = [];
    return unsent;
  }

  #learn(keys: readonly string[], info: Info): number {
    if (this.#schemas.length === maxSchemas) return infoByMessage;
    const schema: Array<readonly [string, ScalarKind]> = [];
    for (const key of keys) {
      const kind = kindOf(info[key]);
      if (kind === undefined) return infoByMessage;
      schema.push([key, kind]);
    }
    this.#schemas.push(schema);
    this.#unsent.push(schema);
    return this.#schemas.length - 1;
  }
}

/** The reading side. */
export class InfoReader {
  readonly #schemas: InfoSchema[] = [];

  add(schemas: readonly InfoSchema[]): void {
    this.#schemas.push(...schemas);
  }

  read(index: number, values: Float64Array): Info {
    const info: Record<string, Value> = {};
    for (const [i, [key, kind]] of this.#schemas[index].entries()) {
      const value = valueOf(kind, values[i]);
      // A key such as __proto__ is data like any other.
      if (key === '__proto__') Object.defineProperty(info, key, { value, enumerable: true });
      else info[key] = value;
    }
    return info;
  }
}

function fits(schema: InfoSchema, keys: readonly string[], info: Info): boolean {
  if (schema.length !== keys.length) return false;
  for (let i = 0; i < keys.length; i++) {
    const [key, kind] = schema[i];
    if (key !== keys[i] || kind !== kindOf(info[key])) return false;
  }
  return true;
}

/** @returns undefined for what is no scalar or has no exact float64 */
function kindOf(value: Value): ScalarKind | undefined {
  switch (typeof value) {
    case 'number':
      return 'python float';
    case 'boolean':
      return 'python bool';
    case 'bigint':
      return BigInt(Number(value)) === value ? 'python int' : undefined;
    default:
      if (!(value instanceof Scalar) || value.dtype === 'int64' || value.dtype === 'uint64') return undefined;
      return value.dtype;
  }
}

function numberOf(value: Value): number {
  return Number(value instanceof Scalar ? value.value : value);
}

function valueOf(kind: ScalarKind, value: number): Value {
  switch (kind) {
    case 'python float':
      return value;
    case 'python int':
      return BigInt(value);
    case 'python bool':
      return value === 1;
    default:
      return new Scalar(kind, value);
  }
}
