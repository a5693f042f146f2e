/** Where a model's files come from. Which of them it takes is for MuJoCo to say, by its own rules for paths. */
import { readFileSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { GymwireError } from '@gymwire/protocol';

/** Files in folders, by their absolute paths in Emscripten's file system; see `hostPath`. */
export interface ModelFiles {
  /** Undefined where there is nothing. */
  kind(path: string): 'file' | 'folder' | undefined;
  /** @throws what a file system throws, or a GymwireError that says why this file is refused */
  read(path: string): Uint8Array;
}

/** Of all files of a model together; WebAssembly can address 2 GB. */
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

/** Of a path in Emscripten's file system: "/home/me/arm.xml", and on Windows "/C:/me/arm.xml" or "/server/share/arm.xml". */
export function hostPath(path: string, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32') return path;
  // "C:" alone would be that drive's current folder.
  if (/^\/[A-Za-z]:$/.test(path)) return `${path.slice(1)}/`;
  return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : `/${path}`;
}

/** In memory, by their paths from the model's folder. */
export function givenFiles(files: Readonly<Record<string, Uint8Array>>, folder: string): ModelFiles {
  const byPath = new Map<string, Uint8Array>();
  const folders = new Set<string>();
  for (const [name, bytes] of Object.entries(files)) {
    const path = posix.resolve(folder, name.replaceAll('\\', '/'));
    byPath.set(path, bytes);
    for (let above = posix.dirname(path); !folders.has(above); above = posix.dirname(above))
      folders.add(above);
  }
  return {
    kind: (path) => (byPath.has(path) ? 'file' : folders.has(path) ? 'folder' : undefined),
    read: (path) => byPath.get(path) ?? new Uint8Array(),
  };
}
