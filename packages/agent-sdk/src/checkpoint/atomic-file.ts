import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AgentError } from '../errors.ts';
import { fileError, systemCodeOf } from './file-errors.ts';

/**
 * Replaces a file as a whole or not at all: the content goes to `<path>.partial` and is renamed once it is on
 * the disk. A process that is killed meanwhile leaves the old file, and a leftover that the next write replaces.
 * What is there and is no file (a folder, a device, a pipe) stays: renaming would put a file in its place.
 * @throws AgentError NOT_WRITABLE, DISK_FULL
 */
export async function writeFileAtomically(
  path: string,
  writeContent: (file: FileHandle) => Promise<void>,
): Promise<void> {
  await refuseNonFile(path);
  const partial = `${path}.partial`;
  try {
    await writeAndSync(partial, writeContent);
    await rename(partial, path);
  } catch (cause) {
    // The error that matters is the first; that the leftover cannot be removed either changes nothing.
    await rm(partial, { force: true }).catch(() => undefined);
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
