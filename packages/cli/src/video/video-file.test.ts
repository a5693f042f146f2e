import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createVideoFile } from './video-file.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gymwire-video-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('createVideoFile', () => {
  it('writes what is appended, in its place when it is whole', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.gif');
    writeFileSync(path, 'old');
    const file = await createVideoFile(path);
    await file.append(Uint8Array.of(1, 2));
    await file.append(Uint8Array.of(3));
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(await file.finish()).toBe(3);
    await file.discard();
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    expect(readdirSync(folder)).toEqual(['a.gif']);
  });

  it('leaves nothing when it is discarded', async () => {
    const folder = temporaryFolder();
    const file = await createVideoFile(join(folder, 'a.gif'));
    await file.append(Uint8Array.of(1));
    await file.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says at once that there is no such folder, or that the name is a folder’s', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'b.gif'));
    for (const name of [join('nowhere', 'a.gif'), 'b.gif']) {
      await expect(createVideoFile(join(folder, name))).rejects.toMatchObject({
        code: 'NOT_WRITABLE',
        message: expect.stringContaining(join(folder, name)) as string,
      });
    }
    expect(readdirSync(folder)).toEqual(['b.gif']);
  });
});
