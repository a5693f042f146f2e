/** A file system with next to no space, where the machine lets a test have one. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** @returns the folder, or why there is none: only Linux's root may mount one */
export function mountSmallDisk(kibibytes: number): { folder: string } | { refusal: string } {
  if (process.platform !== 'linux') return { refusal: 'a full disk: Linux only' };
  const folder = mkdtempSync(join(tmpdir(), 'gymwire-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder], {
    encoding: 'utf8',
  });
  if (mounted.status !== 0) {
    rmdirSync(folder);
    return { refusal: `a full disk: mounting a tmpfs failed: ${mounted.error?.message ?? mounted.stderr}` };
  }
  onTestFinished(() => {
    spawnSync('umount', [folder]);
    rmdirSync(folder);
  });
  return { folder };
}

/** Writes until nothing more fits. @returns the file to remove for space */
export function fillDisk(folder: string): string {
  const filler = join(folder, 'filler');
  for (const size of [4096, 1]) {
    try {
      for (;;) appendFileSync(filler, Buffer.alloc(size));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
  return filler;
}
