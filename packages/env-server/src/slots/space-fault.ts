/** Why what an environment has for a space is none, by field: without types, anything may be there. */
import { isTensor } from '@gymwire/protocol';
import { describeType } from './describe-type.ts';

/** The depth to which clients read them. */
const maxDepth = 32;

type Fields = Readonly<Record<string, unknown>>;
type Expected = readonly [is: (value: unknown) => boolean, what: string];

const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const aTensor: Expected = [isTensor, 'a tensor'];
const aBound: Expected = [isTensor, 'a tensor (box(low, high) makes a Box)'];
const anInteger: Expected = [
  (value) => typeof value === 'bigint' || Number.isSafeInteger(value),
  'an integer, such as 0n',
];
const aCount: Expected = [isCount, 'a number of characters'];

/** The fields of every kind of space, but for the spaces inside it. */
const kinds: Readonly<Record<string, Readonly<Record<string, Expected>>>> = {
  box: { low: aBound, high: aBound },
  discrete: {
    n: anInteger,
    start: anInteger,
    dtype: [(value) => typeof value === 'string', "a dtype, such as 'int64'"],
  },
  'multi-binary': {
    shape: [(value) => Array.isArray(value) && value.every(isCount), 'a list of sizes'],
  },
  'multi-discrete': { nvec: aTensor, start: aTensor },
  dict: { entries: [isEntries, 'a list of [key, space]'] },
  tuple: { spaces: [Array.isArray, 'a list of spaces'] },
  text: {
    minLength: aCount,
    maxLength: aCount,
    charset: [(value) => typeof value === 'string', 'a string'],
  },
};

/**
 * @param where names the space: "actionSpace"
 * @returns "actionSpace.start: expected an integer, such as 0n, got nothing", or undefined for a space
 */
export function spaceFault(space: unknown, where: string, depth = 0): string | undefined {
  if (depth > maxDepth) return `${where}: spaces nest at most ${maxDepth} levels deep`;
  if (typeof space !== 'object' || space === null) {
    return `${where}: expected a space, such as box(low, high), got ${came(space)}`;
  }
  const fields = space as Fields;
  const { type } = fields;
  const kind = typeof type === 'string' && Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (kind === undefined) {
    const known = Object.keys(kinds).join(', ');
    return `${where}.type: expected one of ${known} (box(low, high) makes a Box), got ${came(type)}`;
  }
  for (const [name, [is, what]] of Object.entries(kind)) {
    if (!is(fields[name])) return `${where}.${name}: expected ${what}, got ${came(fields[name])}`;
  }
  return boundsFault(fields, where) ?? innerFault(fields, where, depth + 1);
}

const came = (value: unknown) => (value === undefined ? 'nothing' : describeType(value));

function isEntries(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => Array.isArray(entry) && typeof entry[0] === 'string');
}

/** Bounds of a Box have one shape and dtype, or no client would take the session. */
function boundsFault({ low, high }: Fields, where: string): string | undefined {
  if (!isTensor(low) || !isTensor(high)) return undefined;
  const [lower, upper] = [low, high].map(({ dtype, shape }) => `${dtype} [${String(shape)}]`);
  return lower === upper ? undefined : `${where}: low is ${lower} but high is ${upper}`;
}

function innerFault({ type, entries, spaces }: Fields, where: string, depth: number): string | undefined {
  const inner: Array<readonly [place: string, space: unknown]> = [];
  if (type === 'dict') {
    for (const [key, space] of entries as ReadonlyArray<readonly [string, unknown]>) {
      inner.push([`${where}.${key}`, space]);
    }
  }
  if (type === 'tuple') {
    for (const [index, space] of (spaces as readonly unknown[]).entries()) {
      inner.push([`${where}[${index}]`, space]);
    }
  }
  for (const [place, space] of inner) {
    const fault = spaceFault(space, place, depth);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
