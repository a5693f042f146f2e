/**
 * The operator's token of a server on this machine, in a file that only the same user can read. Where it lies and
 * what it holds is said in docs/protocol.md, since servers in other languages write it too.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { parseServerAddress, type ServerAddress } from '@gymwire/protocol/wire';

export interface OperatorAccess {
  /** Where the server listens: "127.0.0.1:50051", "unix:/run/gym.sock". */
  readonly address: string;
  readonly token: string;
  /** Whoever asks must know the authority of its certificate. */
  readonly tls: boolean;
}

/** The first that can be used is. */
function folders(): readonly string[] {
  const { LOCALAPPDATA, XDG_RUNTIME_DIR } = process.env;
  const uid = process.getuid?.();
  if (uid === undefined) return LOCALAPPDATA === undefined ? [] : [join(LOCALAPPDATA, 'gymwire')];
  const shared = join(tmpdir(), `gymwire-${uid}`);
  const isGiven = XDG_RUNTIME_DIR !== undefined && isAbsolute(XDG_RUNTIME_DIR);
  return isGiven ? [join(XDG_RUNTIME_DIR, 'gymwire'), shared] : [shared];
}

/** By its port; a Unix socket's by a hash of its path. */
function fileName(server: ServerAddress): string {
  if (server.kind === 'tcp') return `operator-${server.port}.json`;
  const digest = createHash('sha256').update(server.path).digest('hex');
  return `operator-unix-${digest.slice(0, 16)}.json`;
}

/**
 * @returns removes the file again, unless another server has written it since
 * @throws Error that says why no folder could be used
 */
export async function writeOperatorFile(access: OperatorAccess): Promise<() => Promise<void>> {
  const folder = await makeFolder();
  const name = fileName(parseServerAddress(access.address, false));
  const path = join(folder, name);
  const fresh = join(folder, `.${name}-${randomBytes(8).toString('hex')}`);
  const file = await open(fresh, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(access)}\n`);
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  return async () => {
    const present = await readFrom(path).catch(() => undefined);
    if (present?.token === access.token) await rm(path, { force: true });
  };
}

/**
 * @param server whose port counts, or whose path
 * @returns undefined where there is none. @throws Error for a file that is not this user's alone, or no such file
 */
export async function readOperatorFile(server: ServerAddress): Promise<OperatorAccess | undefined> {
  for (const folder of folders()) {
    const stats = await lstat(folder).catch(() => undefined);
    if (stats === undefined) continue;
    checkOwn(folder, stats, stats.isDirectory());
    const access = await readFrom(join(folder, fileName(server)));
    if (access !== undefined) return access;
  }
  return undefined;
}

/** Returns what servers of this user left here, those that were killed too. Files and folders that are no such thing say nothing. */
export async function readOperatorFiles(): Promise<readonly OperatorAccess[]> {
  const found = new Map<string, OperatorAccess>();
  for (const folder of folders()) {
    const stats = await lstat(folder).catch(() => undefined);
    if (stats === undefined || !isOwn(stats, stats.isDirectory())) continue;
    for (const name of await readdir(folder)) {
      if (!/^operator-.*\.json$/.test(name) || found.has(name)) continue;
      const access = await readFrom(join(folder, name)).catch(() => undefined);
      if (access !== undefined && name === nameFor(access.address)) found.set(name, access);
    }
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, access]) => access);
}

function nameFor(address: string): string | undefined {
  try {
    return fileName(parseServerAddress(address, false));
  } catch {
    return undefined;
  }
}

/** @throws Error naming what is wrong with each folder */
async function makeFolder(): Promise<string> {
  const faults: string[] = [];
  for (const folder of folders()) {
    try {
      await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      const stats = await lstat(folder);
      checkOwn(folder, stats, stats.isDirectory());
      return folder;
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(faults.join('; ') || 'neither a user id nor %LOCALAPPDATA%');
}

async function readFrom(path: string): Promise<OperatorAccess | undefined> {
  // Where links are followed at all; on Windows the folder is the user's own.
  const noFollow = constants.O_NOFOLLOW ?? 0;
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, constants.O_RDONLY | noFollow);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const stats = await file.stat();
    checkOwn(path, stats, stats.isFile());
    return parse(path, await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}

function parse(path: string, text: string): OperatorAccess {
  const value: unknown = JSON.parse(text);
  const { address, token, tls } = value as Partial<Record<string, unknown>>;
  if (typeof address === 'string' && typeof token === 'string') return { address, token, tls: tls === true };
  throw new Error(`${path}: expected an address and a token`);
}

/** @throws Error: others could have written it, or could read it */
function checkOwn(path: string, stats: Stats, isOfItsKind: boolean): void {
  if (!isOfItsKind) throw new Error(`${path}: expected no link and nothing of another kind`);
  if (isOwn(stats, isOfItsKind)) return;
  throw new Error(`${path}: expected it to be this user's, and closed to all others`);
}

function isOwn({ uid, mode }: Stats, isOfItsKind: boolean): boolean {
  const own = process.getuid?.();
  return isOfItsKind && (own === undefined || (uid === own && (mode & 0o077) === 0));
}
