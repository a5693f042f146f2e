import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hostFiles, hostPath } from './host-files.ts';

describe('hostFiles', () => {
  it('counts each file of a model once, and refuses the one that is too much', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gymwire-files-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = (name: string) => `/${join(folder, name)}`.replaceAll('\\', '/').replace(/^\/\//, '/');
    for (const name of ['a', 'b']) writeFileSync(join(folder, name), new Uint8Array(2 ** 20));
    const files = hostFiles(1.5 * 2 ** 20);
    expect(files.read(path('a'))).toHaveLength(2 ** 20);
    expect(files.read(path('a'))).toHaveLength(2 ** 20);
    expect(() => files.read(path('b'))).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: `${path('b')}: the files of one model may have 1 MiB together, and with this one they have more`,
      }),
    );
  });
});

describe('hostPath', () => {
  it.each([
    ['/home/me/arm.xml', 'linux', '/home/me/arm.xml'],
    ['/C:/me/arm.xml', 'linux', '/C:/me/arm.xml'],
    ['/C:', 'win32', 'C:/'],
    ['/C:/me/arm.xml', 'win32', 'C:/me/arm.xml'],
    ['/C:\\me/arm.xml', 'win32', 'C:\\me/arm.xml'],
    ['/server/share/arm.xml', 'win32', '//server/share/arm.xml'],
  ] as const)('%s on %s is %s', (path, platform, expected) => {
    expect(hostPath(path, platform)).toBe(expected);
  });
});
