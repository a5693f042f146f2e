import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ExporterError, messageOf, systemCodeOf } from './errors.ts';

/**
 * Writes the file whole or not at all: beside its place first, then renamed. A file of that name stays as it
 * was until the new one is complete on disk. What is there and is no file (a folder, a device, a pipe) stays.
 * @throws ExporterError `UNWRITABLE_FILE`, `DISK_FULL`
 */
export async function writePolicyFile(path: string, bytes: Uint8Array): Promise<void> {
  if (typeof path !== 'string' || !ArrayBuffer.isView(bytes)) {
    throw new ExporterError(
      'UNWRITABLE_FILE',
      `expected a path and bytes, writePolicyFile(path, bytes), got ${typeof path} and ${typeof bytes}`,
    );
  }
  const temporary = join(dirname(path), `.policy-${randomUUID()}.tmp`);
  try {
    await refuseNonFile(path);
    await writeThrough(temporary, bytes);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new ExporterError(isFull(cause) ? 'DISK_FULL' : 'UNWRITABLE_FILE', await describe(path, cause), {
      cause,
    });
  }
}

/** Renaming would put a file in the place of a device or a pipe. */
async function refuseNonFile(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    if (systemCodeOf(cause) === 'ENOENT') return undefined;
    throw cause;
  });
  if (found?.isFile() === false) throw new Error('expected a file or nothing there, it is no file');
}

/** Synced: a rename that reaches the disk before the data would leave an empty file after a power cut. */
async function writeThrough(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isFull(cause: unknown): boolean {
  const code = systemCodeOf(cause);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

async function describe(path: string, cause: unknown): Promise<string> {
  const folder = dirname(path);
  const isMissing = systemCodeOf(await stat(folder).catch((error: unknown) => error)) === 'ENOENT';
  return `cannot write ${path}: ${isMissing ? `the folder ${folder} does not exist` : messageOf(cause)}`;
}
