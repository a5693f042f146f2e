import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ExporterError, messageOf } from './errors.ts';

/**
 * Writes the file whole or not at all: beside its place first, then renamed. A file of that name stays as it
 * was until the new one is complete on disk.
 * @throws ExporterError `UNWRITABLE_FILE`, `DISK_FULL`
 */
export async function writePolicyFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.policy-${randomUUID()}.tmp`);
  try {
    await writeThrough(temporary, bytes);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new ExporterError(isFull(cause) ? 'DISK_FULL' : 'UNWRITABLE_FILE', describe(path, cause), {
      cause,
    });
  }
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
  if (!(cause instanceof Error) || !('code' in cause)) return false;
  return cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
}

function describe(path: string, cause: unknown): string {
  return `cannot write ${path}: ${messageOf(cause)}`;
}
