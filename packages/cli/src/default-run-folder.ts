import { join } from 'node:path';

/**
 * `runs/Pendulum-v1-seed0`; an id with a namespace has a folder of it: `runs/gymwire/Conformance-v0-seed0`. No two runs
 * share one: what no folder can be called is written as in a URL.
 */
export function defaultRunFolder(envId: string, seed: number): string {
  return folderOf(`${envId}-seed${seed}`);
}

/**
 * `runs/Pendulum-v1-seeds0-4`, or `runs/Pendulum-v1-seeds0_3_7`, for runs with several seeds: the same seeds in any order
 * have the same folder. Undefined for so many parts that no folder could be called so.
 */
export function defaultGroupFolder(envId: string, seeds: readonly number[]): string | undefined {
  const ranges: [number, number][] = [];
  for (const seed of seeds.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && seed === last[1] + 1) last[1] = seed;
    else ranges.push([seed, seed]);
  }
  const names = ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join('_');
  return names.length > longestNames ? undefined : folderOf(`${envId}-seeds${names}`);
}

/** Names of files and folders have 255 bytes; an id needs some of them. */
const longestNames = 100;

function folderOf(name: string): string {
  return join('runs', ...name.split('/').map(folderName));
}

/** Windows knows no names that end in a dot, `..` leads elsewhere, and an empty name is none. */
function folderName(part: string): string {
  const escaped = part.replaceAll(/[^\w.-]|\.$/gu, escapeCharacter);
  return escaped === '' ? '%' : escaped;
}

function escapeCharacter(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
