/**
 * A server's socket file: for its owner alone, taken over from a server that has died, never from one that lives. It goes
 * with the listener, if it is still the listener's own.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type BigIntStats, lstatSync, unlinkSync } from 'node:fs';
import { chmod, link, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { connect, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { longestUnixPath } from '@gymwire/protocol/wire';

/** Nobody but the owner connects; who else may, the operator says with the file's mode or a token. */
const ownerOnly = 0o600;

export interface SocketFile {
  /** Before the server closes: as long as it listens, no other file has the same number. */
  remove(): void;
}

/**
 * The socket is made in a folder of its own that nobody else may enter, gets its mode there, and is then linked to its place,
 * which fails where something lies. (libuv would make it with the mode of the process, which threads other than the main one
 * cannot set, and would remove by its path, at the end, whatever lies there by then.)
 * @throws Error that says what is in the way
 */
export async function listenOnPath(server: Server, path: string): Promise<SocketFile> {
  const folder = await makeFolder(path);
  try {
    const made = join(folder, socketName);
    server.listen({ path: made });
    await once(server, 'listening');
    await chmod(made, ownerOnly);
    const own = await lstat(made, { bigint: true });
    await place(made, path);
    return fileOf(path, own);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const socketName = 's';
/** A dot and a digit: a name that is by chance another one's is tried again. */
const shortestName = 2;
const longestName = 8;
const mostAttempts = 100;

/** Beside the path, since links stay within a file system; of a name as short as it must be, since a legal path stays one. */
async function makeFolder(path: string): Promise<string> {
  const parent = dirname(path);
  const room = longestUnixPath - Buffer.byteLength(join(parent, socketName)) - 1;
  if (room < shortestName) {
    const longest = longestUnixPath - shortestName - socketName.length - 2;
    throw new Error(
      `its folder has too long a path: ${Buffer.byteLength(parent)} bytes, where at most ${longest} leave room for the ` +
        `socket (${longestUnixPath} in all), which is made under another name first: give a shorter one`,
    );
  }
  for (let attempt = 1; ; attempt++) {
    const name = `.${randomBytes(longestName).toString('hex')}`.slice(0, Math.min(longestName, room));
    const folder = join(parent, name);
    if (folder === path) continue;
    try {
      await mkdir(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') throw new Error(`no such folder: ${parent}`, { cause: error });
      if (code !== 'EEXIST' || attempt === mostAttempts) throw error;
    }
  }
}

/** @throws Error where somebody listens, or another kind of file lies */
async function place(made: string, path: string): Promise<void> {
  if (await isLinked(made, path)) return;
  await removeDead(path);
  if (!(await isLinked(made, path))) throw new Error('another server has begun to listen there');
}

/** @returns false where something lies */
async function isLinked(made: string, path: string): Promise<boolean> {
  try {
    await link(made, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function fileOf(path: string, own: BigIntStats): SocketFile {
  return {
    remove() {
      try {
        const found = lstatSync(path, { bigint: true });
        if (found.ino === own.ino && found.dev === own.dev) unlinkSync(path);
      } catch {
        // Gone already, or its folder is shut by now: the server ends all the same, and a dead file is taken over.
      }
    },
  };
}

/** @throws Error when it is another kind of file, or somebody listens */
async function removeDead(path: string): Promise<void> {
  const found = await lstat(path);
  if (!found.isSocket()) throw new Error('there is a file of another kind: give another path, or remove it');
  if (await isHeard(path))
    throw new Error('another server listens there: give another path, or end that one');
  // Meanwhile another server may have done the same and be listening: what is taken away must be what was found dead.
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  await rename(path, aside);
  const moved = await lstat(aside);
  const isTheSame = moved.ino === found.ino && moved.dev === found.dev;
  if (!isTheSame) await link(aside, path);
  await rm(aside);
  if (!isTheSame) throw new Error('another server has begun to listen there');
}

/** @throws Error where nobody can tell, such as EACCES */
async function isHeard(path: string): Promise<boolean> {
  const socket = connect({ path });
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return false;
    throw error;
  } finally {
    socket.destroy();
  }
}

let clients = 0;

/** The system has no names for the clients of a Unix socket; each gets a number, since limits go by connection. */
export function nameClient(socket: Socket): void {
  clients += 1;
  Object.defineProperties(socket, { remoteAddress: { value: 'unix' }, remotePort: { value: clients } });
}
