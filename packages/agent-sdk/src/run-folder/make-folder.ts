import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCodeOf } from '../checkpoint/file-errors.ts';

/**
 * Makes a folder and those above it. Not `mkdir` with `recursive`: Node's never returns where a folder that
 * exists says ENOENT to a new one in it, as Linux's /proc does.
 * @returns those that were not there before, outermost first
 */
export async function makeFolder(path: string): Promise<string[]> {
  try {
    await mkdir(path);
    return [path];
  } catch (error) {
    if (await isFolder(path)) return [];
    const parent = dirname(path);
    if (systemCodeOf(error) !== 'ENOENT' || parent === path || (await isFolder(parent))) throw error;
    return [...(await makeFolder(parent)), ...(await makeFolder(path))];
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
