/** Where a model's files come from. Which of them it takes is for MuJoCo to say, by its own rules for paths. */

/** Files in folders, by their absolute paths in Emscripten's file system. */
export interface ModelFiles {
  /** Undefined where there is nothing. */
  kind(path: string): 'file' | 'folder' | undefined;
  /** @throws what a file system throws, or a GymwireError that says why this file is refused */
  read(path: string): Uint8Array;
}

/** In memory, by their paths from the model's folder. */
export function givenFiles(files: Readonly<Record<string, Uint8Array>>, folder: string): ModelFiles {
  const byPath = new Map<string, Uint8Array>();
  const folders = new Set<string>();
  for (const [name, bytes] of Object.entries(files)) {
    const path = resolvePath(folder, name.replaceAll('\\', '/'));
    byPath.set(path, bytes);
    for (let above = folderOf(path); !folders.has(above); above = folderOf(above)) folders.add(above);
  }
  return {
    kind: (path) => (byPath.has(path) ? 'file' : folders.has(path) ? 'folder' : undefined),
    read: (path) => byPath.get(path) ?? new Uint8Array(),
  };
}

/** Resolves a path as POSIX has it; a page has no `node:path`. */
function resolvePath(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
