/** What lies where a socket shall be, before, meanwhile and after. Servers on such sockets: test/faults/unix-socket.test.ts. */
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { longestUnixPath } from '@gymwire/protocol/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listenOnPath } from './unix-socket.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gw-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function newServer(): Server {
  const server = createServer((socket) => socket.on('error', () => undefined).destroy());
  onTestFinished(() => void server.close());
  return server;
}

async function isHeard(path: string): Promise<boolean> {
  const socket = connect({ path });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A folder whose path has so many bytes. */
function folderOf(bytes: number): string {
  const base = temporaryFolder();
  const folder = join(base, 'x'.repeat(bytes - base.length - 1));
  mkdirSync(folder);
  return folder;
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe.skipIf(process.platform === 'win32')('a socket file', () => {
  it('of a server that took the path over stays when the one before ends', async () => {
    const path = join(temporaryFolder(), 'gym.sock');
    const [first, second] = [newServer(), newServer()];
    const firstFile = await listenOnPath(first, path);
    rmSync(path);
    const secondFile = await listenOnPath(second, path);
    firstFile.remove();
    first.close();
    await once(first, 'close');
    expect(await isHeard(path)).toBe(true);
    secondFile.remove();
    expect(existsSync(path)).toBe(false);
    secondFile.remove();
  });

  it('is nowhere that others could connect to before it has its mode', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'gym.sock');
    const server = newServer();
    const seen: unknown[] = [];
    server.on('listening', () => {
      const made = server.address() as string;
      seen.push({ isThere: existsSync(path), beside: dirname(dirname(made)), mode: modeOf(dirname(made)) });
    });
    const before = process.umask(0);
    await listenOnPath(server, path).finally(() => process.umask(before));
    expect(seen).toEqual([{ isThere: false, beside: folder, mode: 0o700 }]);
    expect(modeOf(path)).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['gym.sock']);
  });

  it('is not made through a link, whose target keeps its mode', async () => {
    const folder = temporaryFolder();
    const target = join(folder, 'target');
    writeFileSync(target, '', { mode: 0o644 });
    for (const to of [target, join(folder, 'nothing')]) {
      const path = join(folder, 'gym.sock');
      symlinkSync(to, path);
      await expect(listenOnPath(newServer(), path)).rejects.toThrow('a file of another kind');
      expect(lstatSync(path).isSymbolicLink()).toBe(true);
      rmSync(path);
    }
    expect(modeOf(target)).toBe(0o644);
    expect(readdirSync(folder)).toEqual(['target']);
  });

  it('may have a short name at the end of a long path, up to a limit that is told', async () => {
    const longest = folderOf(longestUnixPath - 5);
    const path = join(longest, 's');
    await listenOnPath(newServer(), path);
    expect(await isHeard(path)).toBe(true);
    expect(readdirSync(longest)).toEqual(['s']);
    const longer = folderOf(longestUnixPath - 4);
    await expect(listenOnPath(newServer(), join(longer, 's'))).rejects.toThrow(
      `its folder has too long a path: ${longestUnixPath - 4} bytes, where at most ${longestUnixPath - 5} leave room`,
    );
    expect(readdirSync(longer)).toEqual([]);
  });
});
