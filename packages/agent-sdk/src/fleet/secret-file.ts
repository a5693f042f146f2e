/** Files that hold a secret: who else on this machine can read them. */
import { stat } from 'node:fs/promises';

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
