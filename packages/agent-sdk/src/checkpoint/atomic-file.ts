import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AgentError } from '../errors.ts';
import { fileError, systemCodeOf } from './file-errors.ts';

export type MayReplace = () => Promise<void>;

/**
 * Replaces a file as a whole or not at all: the content goes to `<path>.partial` and is renamed once it is on
 * the disk. A process that is killed meanwhile leaves the old file, and a leftover that the next write replaces.
 * What is there and is no file (a folder, a device, a pipe) stays: renaming would put a file in its place.
 * @param mayReplace asked when the content is on the disk; what it throws leaves the old file
 * @throws AgentError NOT_WRITABLE, DISK_FULL
 */
export async function writeFileAtomically(
  path: string,
  writeContent: (file: FileHandle) => Promise<void>,
  mayReplace: MayReplace = async () => undefined,
): Promise<void> {
  await refuseNonFile(path);
  const partial = `${path}.partial`;
  try {
    // A file of its own: whoever lost the folder in the middle of a write may still be at it.
    await rm(partial, { force: true });
    await writeAndSync(partial, writeContent);
    await mayReplace();
    await rename(partial, path);
  } catch (cause) {
    // The error that matters is the first; that the leftover cannot be removed either changes nothing. That of a lost
    // folder may be another's.
    const isLost = cause instanceof AgentError && cause.code === 'RUN_LOST';
    if (!isLost) await rm(partial, { force: true }).catch(() => undefined);
    throw fileError('write', path, cause);
  }
  await syncFolder(dirname(path));
}

async function refuseNonFile(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    if (systemCodeOf(cause) === 'ENOENT') return undefined;
    throw fileError('write', path, cause);
  });
  if (found === undefined || found.isFile()) return;
  throw new AgentError(
    'NOT_WRITABLE',
    `cannot write ${path}: expected a file or nothing there, it is no file`,
  );
}

async function writeAndSync(path: string, writeContent: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'w');
  try {
    await writeContent(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename survive a power cut. Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r').catch(() => undefined);
  try {
    await folder?.sync();
  } catch {
    // Some network file systems refuse to sync a folder; the file itself is safe.
  } finally {
    await folder?.close();
  }
}
