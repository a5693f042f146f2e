/** A registration as it was handed over: what TypeScript would refuse, for JavaScript, before a client meets it. */
import { type EnvRegistration, isolations } from '@gymwire/env';
import { resolveArguments } from '@gymwire/env/host';
import {
  type ArgumentSpec,
  GymwireError,
  messageOf,
  nearestName,
  optionsFault,
  shown,
} from '@gymwire/protocol';

type Check = (value: unknown) => boolean;

const argumentTypes = Object.keys({
  bool: true,
  int: true,
  float: true,
  string: true,
  'float-list': true,
} satisfies Record<ArgumentSpec['type'], true>);

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isNumber: Check = (value) => typeof value === 'number' && !Number.isNaN(value);
const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isObject: Check = (value) => typeof value === 'object' && value !== null;

const text = ['a text', isText] as const;
const flag = ['true or false', isFlag] as const;
const number = ['a number', isNumber] as const;
const count = ['a whole number', isCount] as const;
const texts = ['an array of texts', isTexts] as const;
const names = ['an array of names', Array.isArray] as const;
/** Somebody else looks at it. */
const elsewhere = ['', () => true] as const;

type Fields<T> = Readonly<Record<keyof T, readonly [expected: string, check: Check]>>;

const fields: Fields<EnvRegistration> = {
  id: ['a name with a version such as Arm-v0', isText],
  make: ['a function that makes the environment', (value) => typeof value === 'function'],
  arguments: ['an array of argument specs', Array.isArray],
  maxEpisodeSteps: count,
  rewardThreshold: number,
  nondeterministic: flag,
  renderModes: texts,
  renderFps: number,
  description: text,
  methods: names,
  attributes: names,
  heavy: flag,
  isolate: [`one of ${isolations.join(', ')}`, elsewhere[1]],
  maxMemoryMb: elsewhere,
  module: ["{ url: import.meta.url, exportName: '…' }", isObject],
  makeTimeoutMs: elsewhere,
  resetTimeoutMs: elsewhere,
  stepTimeoutMs: elsewhere,
  firstStepTimeoutMs: elsewhere,
  closeTimeoutMs: elsewhere,
};

/** What a registration may say. */
export const registrationFields = Object.keys(fields);

const specFields: Fields<ArgumentSpec> = {
  name: text,
  type: [`one of ${argumentTypes.join(', ')}`, (value) => argumentTypes.includes(value as string)],
  defaultValue: elsewhere,
  minimum: number,
  maximum: number,
  choices: texts,
  length: count,
  description: text,
};

/**
 * What it says, not where it runs. Functions and data of its own beside the known fields are its own affair, unless
 * their name is nearly that of a field which is not there.
 * @throws GymwireError INVALID_ARGUMENT naming registration, argument and field
 */
export function checkRegistration(registration: EnvRegistration): void {
  if (!isObject(registration)) {
    throw invalid(
      `envs: expected registrations ({ id: 'Arm-v0', make: () => … }), got ${shown(registration)}`,
    );
  }
  const { id, arguments: specs = [] } = registration;
  const name = isText(id) ? id : 'a registration';
  refuseNearNames(name, registration);
  checkFields(name, registration, fields, ['id', 'make']);
  for (const [i, spec] of specs.entries()) checkSpec(name, i, spec);
  // As a session without arguments gets them.
  for (const spec of specs) {
    try {
      resolveArguments(id, [spec], {});
    } catch (cause) {
      const remedy =
        spec.type === 'int' && typeof spec.defaultValue === 'number'
          ? ': an int is a bigint, such as 1n'
          : '';
      throw invalid(`${id}: defaultValue of ${messageOf(cause)}${remedy}`);
    }
  }
}

function checkSpec(id: string, i: number, spec: ArgumentSpec): void {
  const name = isObject(spec) && isText(spec.name) ? spec.name : String(i);
  const where = `${id}: argument ${name}`;
  const fault = optionsFault(
    where,
    spec,
    Object.keys(specFields),
    "{ name, type: 'float', defaultValue: 1 }",
  );
  if (fault !== undefined) throw invalid(fault);
  checkFields(where, spec, specFields, ['name', 'type']);
  if (spec.defaultValue === undefined) throw invalid(`${where}: defaultValue: expected a value, got nothing`);
}

function checkFields<T extends object>(where: string, given: T, known: Fields<T>, required: string[]): void {
  for (const field of Object.keys(known) as (keyof T & string)[]) {
    const [expected, check] = known[field];
    const value: unknown = given[field];
    if (value === undefined ? !required.includes(field) : check(value)) continue;
    throw invalid(`${where}: ${field}: expected ${expected}, got ${shown(value)}`);
  }
}

function refuseNearNames(id: string, registration: EnvRegistration): void {
  // A getter that is no field is not called.
  for (const name of Object.keys(registration).filter((each) => !Object.hasOwn(fields, each))) {
    const nearest = nearestName(name, registrationFields);
    if (nearest === undefined || Reflect.get(registration, nearest) !== undefined) continue;
    if ((typeof Reflect.get(registration, name) === 'function') !== (nearest === 'make')) continue;
    throw invalid(`${id}: ${name} is no field of a registration: did you mean ${nearest}?`);
  }
}

function invalid(message: string): GymwireError {
  return new GymwireError('INVALID_ARGUMENT', message);
}
