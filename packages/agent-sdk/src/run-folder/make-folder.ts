import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCodeOf } from '../checkpoint/file-errors.ts';
import { AgentError } from '../errors.ts';

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
    const file = await fileInTheWay(path);
    if (file !== undefined) {
      const message = `${file} is a file, expected a folder: name another one`;
      throw new AgentError('NOT_WRITABLE', message, { cause: error });
    }
    if (systemCodeOf(error) !== 'ENOENT' || parent === path || (await isFolder(parent))) throw error;
    return [...(await makeFolder(parent)), ...(await makeFolder(path))];
  }
}

/** The path itself, or what it would be below. */
async function fileInTheWay(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) return found.isFile() ? path : undefined;
  const parent = dirname(path);
  return parent === path ? undefined : fileInTheWay(parent);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
