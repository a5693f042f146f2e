/** Folders that may be meant where there is no run. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exists, groupFileName, runFileNames } from './run-file-names.ts';

const mostNamed = 3;

/**
 * Says which runs lie beside a folder that holds none and have names that begin as its own does, as `Pendulum-v1-seed0` does
 * where `Pendulum-v1` was asked for; or below it.
 * @returns '' for none; else words that go on after an error's
 */
export async function nearbyRuns(folder: string): Promise<string> {
  const name = basename(folder).toLowerCase();
  const parent = dirname(folder);
  const beside = (await namesIn(parent)).filter((other) => isLike(other.toLowerCase(), name));
  const paths = [
    ...(await namesIn(folder)).map((inner) => join(folder, inner)),
    ...beside.map((other) => join(parent, other)),
  ];
  const found: string[] = [];
  for (const path of paths) {
    if (found.length < mostNamed && (await holdsRun(path))) found.push(path);
  }
  return found.length === 0 ? '' : `; did you mean ${found.join(', ')}?`;
}

function isLike(other: string, name: string): boolean {
  return other !== name && name !== '' && other.startsWith(name);
}

/** What cannot be listed holds nothing to name. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).then(
    (names) => names.toSorted(),
    () => [],
  );
}

async function holdsRun(folder: string): Promise<boolean> {
  const files = [runFileNames.checkpoint, runFileNames.bestPolicy, groupFileName];
  const found = await Promise.all(files.map((file) => exists(join(folder, file))));
  return found.includes(true);
}
