import { join } from 'node:path';

/**
 * `runs/Pendulum-v1-seed0`; an id with a namespace has a folder of it: `runs/gymwire/Conformance-v0-seed0`. No two runs
 * share one: what no folder can be called is written as in a URL.
 */
export function defaultRunFolder(envId: string, seed: number): string {
  const parts = `${envId}-seed${seed}`.split('/').map(folderName);
  return join('runs', ...parts);
}

/** Windows knows no names that end in a dot, `..` leads elsewhere, and an empty name is none. */
function folderName(part: string): string {
  const escaped = part.replaceAll(/[^\w.-]|\.$/gu, escapeCharacter);
  return escaped === '' ? '%' : escaped;
}

function escapeCharacter(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
