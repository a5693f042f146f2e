/** The files of this machine, as MuJoCo is to see them. */
import { readFileSync, statSync } from 'node:fs';
import { GymwireError } from '@gymwire/protocol';
import type { ModelFiles } from '../mujoco/model-files.ts';

/** Bytes of all files of a model together; WebAssembly can address 2 GB. */
const MAX_BYTES = 512 * 2 ** 20;

/** The disk's. The operator's model names them, never a client. */
export function hostFiles(maxBytes: number = MAX_BYTES): ModelFiles {
  const sizes = new Map<string, number>();
  return {
    kind(path) {
      const host = hostPath(path);
      // Servers and their shares have no entry of their own.
      if (/^\/\/[^/]+(?:\/[^/]+)?$/.test(host)) return 'folder';
      const stats = statSync(host, { throwIfNoEntry: false });
      if (stats === undefined || stats.isFile()) return stats && 'file';
      if (stats.isDirectory()) return 'folder';
      // Reading a pipe would wait for whoever writes into it, and a device may never end.
      throw refusal(path, 'expected a file, found a pipe, a socket or a device');
    },
    read(path) {
      sizes.set(path, statSync(hostPath(path)).size);
      const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
      if (total > maxBytes) {
        const limit = Math.floor(maxBytes / 2 ** 20);
        throw refusal(
          path,
          `the files of one model may have ${limit} MiB together, and with this one they have more`,
        );
      }
      return readFileSync(hostPath(path));
    },
  };
}

function refusal(path: string, reason: string): GymwireError {
  return new GymwireError('INVALID_ARGUMENT', `${path}: ${reason}`, { details: { path } });
}

/**
 * Returns the host's path of one in Emscripten's file system: "/home/me/arm.xml", and on Windows "/C:/me/arm.xml" or
 * "/server/share/arm.xml".
 */
export function hostPath(path: string, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32') return path;
  // "C:" alone would be that drive's current folder.
  if (/^\/[A-Za-z]:$/.test(path)) return `${path.slice(1)}/`;
  return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : `/${path}`;
}
