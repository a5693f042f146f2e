/**
 * A server's socket file: for its owner alone, taken over from a server that has died, never from one that lives. The
 * file goes with the listener (libuv removes it when it closes).
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, link, lstat, rename, rm } from 'node:fs/promises';
import { connect, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/** Nobody but the owner connects; who else may, the operator says with the file's mode or a token. */
const ownerOnly = 0o600;

/** @returns the port that it has not: 0. @throws Error that says what is in the way */
export async function listenOnPath(server: Server, path: string): Promise<0> {
  try {
    await bind(server, path);
  } catch (error) {
    // libuv says EACCES of a folder that does not exist.
    if (!existsSync(dirname(path))) throw new Error(`no such folder: ${dirname(path)}`, { cause: error });
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await removeDead(path);
    await bind(server, path);
  }
  await chmod(path, ownerOnly);
  return 0;
}

/** The file has its mode from the first moment, where the thread may say so: worker threads have no mask of their own. */
async function bind(server: Server, path: string): Promise<void> {
  const before = isMainThread ? process.umask(0o777 & ~ownerOnly) : undefined;
  try {
    server.listen({ path });
  } finally {
    if (before !== undefined) process.umask(before);
  }
  await once(server, 'listening');
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
