/** Keyword arguments: what came from the wire → what an environment's factory gets, checked against its list. */
import {
  type ArgumentSpec,
  GymwireError,
  Scalar,
  Tuple,
  type Value,
  type ValueDict,
} from '@gymwire/protocol';

type ArgumentValue = boolean | number | string | readonly number[];

/** An environment's keyword arguments with defaults filled in; each is read by the type that the spec declares. */
export class ResolvedArguments {
  readonly #values: ReadonlyMap<string, ArgumentValue>;

  constructor(values: ReadonlyMap<string, ArgumentValue>) {
    this.#values = values;
  }

  bool(name: string): boolean {
    const value = this.#values.get(name);
    if (typeof value !== 'boolean') throw this.#mismatch(name, 'bool');
    return value;
  }

  /** An int or a float. */
  number(name: string): number {
    const value = this.#values.get(name);
    if (typeof value !== 'number') throw this.#mismatch(name, 'number');
    return value;
  }

  string(name: string): string {
    const value = this.#values.get(name);
    if (typeof value !== 'string') throw this.#mismatch(name, 'string');
    return value;
  }

  floatList(name: string): readonly number[] {
    const value = this.#values.get(name);
    if (typeof value !== 'object') throw this.#mismatch(name, 'float list');
    // Its own for each environment: all of a session get the same arguments.
    return [...value];
  }

  #mismatch(name: string, type: string): TypeError {
    return new TypeError(
      `the environment reads argument ${name} as a ${type}, which its spec does not declare`,
    );
  }
}

/**
 * @throws GymwireError UNKNOWN_ARGUMENT for a name that is not listed, INVALID_ARGUMENT for a wrong type or range
 */
export function resolveArguments(
  envId: string,
  specs: readonly ArgumentSpec[],
  given: ValueDict,
): ResolvedArguments {
  for (const name of Object.keys(given)) {
    if (!specs.some((spec) => spec.name === name)) {
      const known = specs.map((spec) => spec.name).join(', ') || 'none';
      throw new GymwireError('UNKNOWN_ARGUMENT', `${envId} has no argument ${name}; it takes: ${known}`, {
        details: { argument: name },
      });
    }
  }
  const resolve = (spec: ArgumentSpec) =>
    coerce(spec, Object.hasOwn(given, spec.name) ? given[spec.name] : spec.defaultValue);
  return new ResolvedArguments(new Map(specs.map((spec) => [spec.name, resolve(spec)])));
}

/** The same arguments as a dictionary of wire values, for the session's spec. */
export function argumentDefaults(specs: readonly ArgumentSpec[], given: ValueDict): ArgumentSpec[] {
  return specs.map((spec) => {
    const value = Object.hasOwn(given, spec.name) ? given[spec.name] : undefined;
    return value === undefined ? spec : { ...spec, defaultValue: value };
  });
}

function coerce(spec: ArgumentSpec, value: Value | undefined): ArgumentValue {
  const plain = value instanceof Scalar ? value.value : value;
  switch (spec.type) {
    case 'bool':
      if (typeof plain === 'boolean') return plain;
      if (value instanceof Scalar && value.dtype === 'bool') return value.value === 1;
      break;
    case 'int':
    case 'float':
      return coerceNumber(spec, plain);
    case 'string':
      if (typeof plain !== 'string') break;
      if (spec.choices !== undefined && !spec.choices.includes(plain)) break;
      return plain;
    case 'float-list':
      return coerceList(spec, plain);
  }
  throw invalid(spec, value);
}

/** An int serves as a float, as in Python; a float never as an int. Infinite only where a bound says so. */
function coerceNumber(spec: ArgumentSpec, plain: Value | undefined): number {
  const isInt = typeof plain === 'bigint';
  if (!isInt && (typeof plain !== 'number' || spec.type === 'int')) throw invalid(spec, plain);
  const number = Number(plain);
  const inRange =
    number >= (spec.minimum ?? -Number.MAX_VALUE) && number <= (spec.maximum ?? Number.MAX_VALUE);
  if (!inRange) throw invalid(spec, plain);
  return number;
}

function coerceList(spec: ArgumentSpec, plain: Value | undefined): readonly number[] {
  const items: readonly Value[] | undefined =
    plain instanceof Tuple ? plain.items : Array.isArray(plain) ? (plain as readonly Value[]) : undefined;
  if (items === undefined || (spec.length !== undefined && items.length !== spec.length)) {
    throw invalid(spec, plain);
  }
  return items.map((item) => coerceNumber({ ...spec, type: 'float' }, item));
}

function invalid(spec: ArgumentSpec, value: Value | undefined): GymwireError {
  const range =
    spec.minimum === undefined && spec.maximum === undefined
      ? ''
      : ` in [${spec.minimum ?? '-inf'}, ${spec.maximum ?? 'inf'}]`;
  const choices = spec.choices === undefined ? '' : ` out of ${spec.choices.join(', ')}`;
  const length = spec.length === undefined ? '' : ` of length ${spec.length}`;
  return new GymwireError(
    'INVALID_ARGUMENT',
    `argument ${spec.name}: expected ${spec.type}${length}${range}${choices}, got ${describe(value)}`,
    { details: { argument: spec.name } },
  );
}

function describe(value: Value | undefined): string {
  switch (typeof value) {
    case 'bigint':
      return `the int ${value}`;
    case 'number':
      return `the float ${value}`;
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return String(value);
    default:
      return value === null || value === undefined ? 'nothing' : 'a structure';
  }
}
