import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { withTemporaryFolder } from './testing/temporary-folder.ts';
import { writePolicyFile } from './write-policy-file.ts';

/** What `open` of the file system does next, if anything but its work. */
const nextFailure = vi.hoisted((): { code: string | undefined } => ({ code: undefined }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  const open: typeof original.open = async (...args) => {
    const file = await original.open(...args);
    const { code } = nextFailure;
    if (code !== undefined) {
      file.writeFile = async () => {
        await file.write('half');
        throw Object.assign(new Error(`${code}: from the test`), { code });
      };
    }
    return file;
  };
  return { ...original, open };
});

describe('writePolicyFile', () => {
  it('writes, and replaces what was there, leaving nothing else behind', async () => {
    await withTemporaryFolder(async (path) => {
      await writePolicyFile(path('policy.onnx'), Uint8Array.of(1, 2));
      await writePolicyFile(path('policy.onnx'), Uint8Array.of(3));
      expect(Array.from(await readFile(path('policy.onnx')))).toEqual([3]);
      expect(await readdir(path('.'))).toEqual(['policy.onnx']);
    });
  });

  it('names the folder that is missing', async () => {
    await withTemporaryFolder(async (path) => {
      await expect(writePolicyFile(path('nope/policy.onnx'), Uint8Array.of(1))).rejects.toMatchObject({
        code: 'UNWRITABLE_FILE',
        message: expect.stringMatching(/policy\.onnx: the folder .*nope does not exist$/) as string,
      });
    });
  });

  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EIO', 'UNWRITABLE_FILE'],
  ])('leaves the old file intact upon %s', async (failure, code) => {
    await withTemporaryFolder(async (path) => {
      await writeFile(path('policy.onnx'), 'old');
      nextFailure.code = failure;
      try {
        await expect(writePolicyFile(path('policy.onnx'), Uint8Array.of(1))).rejects.toMatchObject({
          name: 'ExporterError',
          code,
          message: expect.stringContaining(`policy.onnx: ${failure}`),
          cause: { code: failure },
        });
      } finally {
        nextFailure.code = undefined;
      }
      expect(await readFile(path('policy.onnx'), 'utf8')).toBe('old');
      expect(await readdir(path('.'))).toEqual(['policy.onnx']);
    });
  });

  it('refuses a folder that is not there, and one that is a file', async () => {
    await withTemporaryFolder(async (path) => {
      await writeFile(path('file'), '');
      for (const name of ['none/policy.onnx', 'file/policy.onnx']) {
        await expect(writePolicyFile(path(name), Uint8Array.of(1))).rejects.toMatchObject({
          code: 'UNWRITABLE_FILE',
        });
      }
      expect(await readdir(path('.'))).toEqual(['file']);
    });
  });

  it('does not replace a folder', async () => {
    await withTemporaryFolder(async (path) => {
      await mkdir(path('policy.onnx'));
      await expect(writePolicyFile(path('policy.onnx'), Uint8Array.of(1))).rejects.toMatchObject({
        code: 'UNWRITABLE_FILE',
      });
      expect(await readdir(path('.'))).toEqual(['policy.onnx']);
    });
  });

  it.runIf(process.platform !== 'win32')('does not replace what is neither file nor folder', async () => {
    await withTemporaryFolder(async (path) => {
      const socket = createServer().listen(path('policy.onnx'));
      await once(socket, 'listening');
      await expect(writePolicyFile(path('policy.onnx'), Uint8Array.of(1))).rejects.toMatchObject({
        code: 'UNWRITABLE_FILE',
        message: expect.stringContaining('it is no file') as string,
      });
      expect((await stat(path('policy.onnx'))).isSocket()).toBe(true);
      expect(await readdir(path('.'))).toEqual(['policy.onnx']);
      socket.close();
    });
  });
});
