/** Files that hold a secret or say whom to trust: who else on this machine can read or write them. */
import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { messageOf } from '@gymwire/protocol';
import { AgentError } from '../errors.ts';

/** A group may be there to share it: 0640 is how services and containers hand secrets to who runs them. */
const readableByAll = 0o004;

/**
 * @param files by the option that names them
 * @returns warnings for people; none on Windows, whose files have no such modes
 */
export async function warningsOfOpenFiles(
  files: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  if (process.platform === 'win32') return [];
  const warnings: string[] = [];
  for (const [option, path] of Object.entries(files)) {
    if (path === undefined || ((await stat(path)).mode & readableByAll) === 0) continue;
    warnings.push(`${option}: everybody on this machine can read ${path}: chmod 600 it`);
  }
  return warnings;
}

const writableByAll = 0o002;

/**
 * The text of a file that is shown to a server or says whom to trust: a token, a key, a certificate, a list of servers. Who writes
 * it says what is shown, or who is trusted: one that everybody can write is refused, except on Windows, which has no such modes.
 * @param option what names the file
 * @throws AgentError FILE_UNREADABLE; INVALID_OPTION for one that everybody can write
 */
export async function readTrustedFile(option: string, path: string): Promise<string> {
  const { text, stats } = await readWithStats(path);
  // A pipe or a device is who opened it.
  if (process.platform === 'win32' || !stats.isFile() || (stats.mode & writableByAll) === 0) return text;
  throw new AgentError(
    'INVALID_OPTION',
    `${option}: everybody on this machine can write ${path}, and so say what is shown or who is trusted: chmod o-w it`,
  );
}

/** Returns text and mode of one and the same file, whatever becomes of its name meanwhile. */
async function readWithStats(path: string): Promise<{ readonly text: string; readonly stats: Stats }> {
  try {
    const file = await open(path);
    try {
      return { stats: await file.stat(), text: await file.readFile('utf8') };
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new AgentError('FILE_UNREADABLE', `${path}: ${messageOf(cause)}`, { cause });
  }
}
