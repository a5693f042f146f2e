/** Text from the command line → typed values, with errors that name option, expectation and text. */
import { InvalidArgumentError } from 'commander';

/** A whole number in a range, for commander. */
export function integer(minimum: number, maximum = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    const isUnbounded = maximum === Number.MAX_SAFE_INTEGER && !(value > maximum);
    const range = isUnbounded ? `at least ${minimum}` : `from ${minimum} to ${maximum}`;
    throw new InvalidArgumentError(`Expected a whole number ${range}.`);
  };
}

/** A port to listen on; 0: a free one. */
export function serverPort(text: string): number {
  if (text.startsWith('unix:')) throw new InvalidArgumentError(`A socket has no port: --host ${text}.`);
  return integer(0, 65_535)(text);
}

export function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a number.');
}

export function positiveNumber(text: string): number {
  const value = finiteNumber(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

/** `256,256` */
export function integers(text: string): readonly number[] {
  const values = text.split(',').map(Number);
  if (text.trim() !== '' && values.every((value) => Number.isSafeInteger(value) && value > 0)) return values;
  throw new InvalidArgumentError('Expected whole numbers above 0, such as 256,256.');
}

/** More is a slip of the hand. */
const mostSeeds = 1000;

/** `0-4`, `0,3,7`, or both: `0-4,10`. In the order in which they are given. */
export function seedList(text: string): readonly number[] {
  const seeds = text.split(',').flatMap((part) => {
    const found = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part);
    if (found === null) throw new InvalidArgumentError('Expected seeds such as 0-4, or 0,3,7.');
    const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])];
    if (!Number.isSafeInteger(last))
      throw new InvalidArgumentError(`Expected seeds below 2^53, got ${part}.`);
    if (last < first) throw new InvalidArgumentError(`Expected the lower seed first, got ${part}.`);
    if (last - first >= mostSeeds) throw tooManySeeds();
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  if (seeds.length > mostSeeds) throw tooManySeeds();
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) < i);
  if (twice !== undefined)
    throw new InvalidArgumentError(`${twice} is there twice: equal seeds are equal runs.`);
  return seeds;
}

function tooManySeeds(): InvalidArgumentError {
  return new InvalidArgumentError(`Expected at most ${mostSeeds} seeds.`);
}

export type JsonArgument = boolean | number | string | readonly number[];
export type JsonArguments = Readonly<Record<string, JsonArgument>>;

/** Collects `k=v`; v is a JSON boolean, number or list of numbers, else a string. */
export function collectArgument(text: string, previous: JsonArguments = {}): JsonArguments {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected name=value, for instance g=9.81.');
  const name = text.slice(0, at);
  // As a key it is lost on the way through JSON readers.
  if (name === '__proto__') throw new InvalidArgumentError('No argument of an environment has this name.');
  if (Object.hasOwn(previous, name)) throw new InvalidArgumentError(`${name} was given twice.`);
  return { ...previous, [name]: parseValue(text.slice(at + 1)) };
}

/** Collects `name=text`; `user.`, which stands before each name in the file, may be given or left out. */
export function collectMetadata(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0)).replace(/^user\./, '');
  if (name === '') throw new InvalidArgumentError('Expected name=text, for instance site=hall-3.');
  if (Object.hasOwn(previous, name)) throw new InvalidArgumentError(`${name} was given twice.`);
  return Object.fromEntries([...Object.entries(previous), [name, text.slice(at + 1)]]);
}

function parseValue(text: string): JsonArgument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  const numbers: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (numbers.some((item) => typeof item === 'number' && !Number.isFinite(item))) {
    throw new InvalidArgumentError(`Expected numbers that float64 can hold, got ${text}.`);
  }
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item): item is number => typeof item === 'number')) return value;
  return text;
}
