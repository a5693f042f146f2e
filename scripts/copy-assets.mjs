// The end of a build: what a packed package needs beside its code, and nothing that is left of a deleted source.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listFiles, PACKAGES, ROOT } from './tools.mjs';

for (const name of PACKAGES) {
  const folder = join(ROOT, 'packages', name);
  for (const file of ['LICENSE', 'NOTICE']) copyFileSync(join(ROOT, file), join(folder, file));
  removeOrphans(folder);
}
copyProtos();

/** The wire contract goes with packages/protocol, which reads it at run time. */
function copyProtos() {
  const target = join(ROOT, 'packages', 'protocol', 'proto');
  rmSync(target, { recursive: true, force: true });
  for (const path of listFiles(join(ROOT, 'proto')).filter((file) => file.endsWith('.proto'))) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    copyFileSync(join(ROOT, 'proto', path), join(target, path));
  }
}

/**
 * `tsc -b` leaves the output of a source that was renamed or deleted; it would be packed.
 * @param {string} folder
 */
function removeOrphans(folder) {
  const sources = new Set(listFiles(join(folder, 'src')));
  for (const path of listFiles(join(folder, 'dist'))) {
    const source = path.replace(/(\.d\.ts|\.js)$/, '.ts');
    if (source !== path && !sources.has(source)) rmSync(join(folder, 'dist', path));
  }
}
