import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseServerAddress } from '@gymwire/protocol/wire';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readOperatorFile, writeOperatorFile } from './operator-file.ts';

const isWindows = process.platform === 'win32';
const access = { address: '127.0.0.1:50051', token: 'token', tls: false };
const server = { kind: 'tcp', text: access.address, host: '127.0.0.1', port: 50051 } as const;

/** Where both functions look from now on: first in `own`, and in `shared` when that cannot be used. */
function createFolders() {
  const root = mkdtempSync(join(tmpdir(), 'gymwire-'));
  const [runtime, temporary] = [join(root, 'runtime'), join(root, 'temporary')];
  mkdirSync(runtime);
  mkdirSync(temporary);
  for (const name of ['XDG_RUNTIME_DIR', 'LOCALAPPDATA']) vi.stubEnv(name, runtime);
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, temporary);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(root, { recursive: true, force: true });
  });
  const shared = join(temporary, `gymwire-${process.getuid?.()}`);
  return { root, own: join(runtime, 'gymwire'), shared };
}

describe('the operator’s token', () => {
  it('is read where it was written, and gone when it is removed', async () => {
    const { own } = createFolders();
    expect(await readOperatorFile(server)).toBeUndefined();
    const remove = await writeOperatorFile(access);
    expect(readdirSync(own)).toEqual(['operator-50051.json']);
    expect(JSON.parse(readFileSync(join(own, 'operator-50051.json'), 'utf8'))).toEqual(access);
    expect(await readOperatorFile(server)).toEqual(access);
    expect(await readOperatorFile({ ...server, port: 50052 })).toBeUndefined();
    await remove();
    expect(readdirSync(own)).toEqual([]);
  });

  it.skipIf(isWindows)('of a Unix socket is found by its path', async () => {
    const { own } = createFolders();
    const socket = { ...access, address: 'unix:/run/gym.sock' };
    const remove = await writeOperatorFile(socket);
    // The first 16 digits of `printf /run/gym.sock | sha256sum`, as docs/protocol.md says.
    expect(readdirSync(own)).toEqual(['operator-unix-0aaafc32ba74c43e.json']);
    expect(await readOperatorFile(parseServerAddress('unix:///run/gym.sock', false))).toEqual(socket);
    expect(await readOperatorFile(parseServerAddress('unix:/run/other.sock', false))).toBeUndefined();
    await remove();
    expect(readdirSync(own)).toEqual([]);
  });

  it('of a later server at the same port stays when the earlier one ends', async () => {
    createFolders();
    const removeFirst = await writeOperatorFile(access);
    await writeOperatorFile({ ...access, token: 'another' });
    await removeFirst();
    expect(await readOperatorFile(server)).toMatchObject({ token: 'another' });
  });

  it('goes to the folder for temporary files where there is no other', async () => {
    const { own, shared } = createFolders();
    vi.stubEnv('XDG_RUNTIME_DIR', undefined);
    await writeOperatorFile(access);
    expect([existsSync(own), existsSync(shared)]).toEqual(isWindows ? [true, false] : [false, true]);
    expect(await readOperatorFile(server)).toEqual(access);
  });

  it('is a damaged file’s no longer', async () => {
    const { own } = createFolders();
    await writeOperatorFile(access);
    writeFileSync(join(own, 'operator-50051.json'), '{"address": 1}');
    await expect(readOperatorFile(server)).rejects.toThrow(/expected an address and a token/);
  });
});

describe.skipIf(isWindows)('on a machine with other users (Windows keeps them out of the folder)', () => {
  it('is this user’s alone', async () => {
    const { own } = createFolders();
    await writeOperatorFile(access);
    const modes = [own, join(own, 'operator-50051.json')].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600]);
  });

  it('is not read from a file or a folder that others could have written', async () => {
    const { own } = createFolders();
    await writeOperatorFile(access);
    const others = /expected it to be this user's, and closed to all others/;
    chmodSync(join(own, 'operator-50051.json'), 0o644);
    await expect(readOperatorFile(server)).rejects.toThrow(others);
    chmodSync(join(own, 'operator-50051.json'), 0o600);
    chmodSync(own, 0o777);
    await expect(readOperatorFile(server)).rejects.toThrow(others);
  });

  it('is neither read nor written through a link', async () => {
    const { root, own, shared } = createFolders();
    const target = join(root, 'target');
    mkdirSync(target, { mode: 0o700 });
    symlinkSync(target, own);
    await writeOperatorFile(access);
    expect([readdirSync(target), readdirSync(shared)]).toEqual([[], ['operator-50051.json']]);
    await expect(readOperatorFile(server)).rejects.toThrow(/no link/);
    rmSync(own);
    const file = join(shared, 'operator-50051.json');
    rmSync(file);
    writeFileSync(join(target, 'planted'), JSON.stringify(access), { mode: 0o600 });
    symlinkSync(join(target, 'planted'), file);
    await expect(readOperatorFile(server)).rejects.toThrow(/ELOOP|no link/);
  });

  it('is said to have no place where there is none', async () => {
    const { root, own, shared } = createFolders();
    for (const folder of [own, shared]) symlinkSync(root, folder);
    await expect(writeOperatorFile(access)).rejects.toThrow(/gymwire: expected no link.*; .*no link/);
  });
});
