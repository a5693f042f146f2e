import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('makeFolder', () => {
  it('makes what is missing and keeps what is there', async () => {
    const deep = join(folder, 'a', 'b', 'c');
    await makeFolder(deep);
    await writeFile(join(deep, 'kept'), '');
    await makeFolder(deep);
    await makeFolder(join(folder, 'a', 'd'));
    expect(await readdir(deep)).toEqual(['kept']);
    expect(await readdir(join(folder, 'a'))).toEqual(['b', 'd']);
  });

  it('refuses a place at or below a file', async () => {
    await writeFile(join(folder, 'file'), '');
    for (const path of [
      join(folder, 'file'),
      join(folder, 'file', 'below'),
      join(folder, 'file', 'a', 'b'),
    ]) {
      await expect(makeFolder(path)).rejects.toThrow(
        `${join(folder, 'file')} is a file, expected a folder: name another one`,
      );
    }
  });

  it.runIf(process.platform === 'linux')('comes back where nothing can be made', async () => {
    await expect(makeFolder('/proc/gymwire/a/b')).rejects.toThrow('ENOENT');
  });
});
