import { open, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, systemCodeOf } from '../checkpoint/file-errors.ts';
import { AgentError } from '../errors.ts';
import { readIfFile } from './check-lines.ts';
import { makeFolder } from './make-folder.ts';
import { noRunIn } from './no-run.ts';
import { exists, groupFileName, type RunFileName, runFileNames, runFilePath } from './run-file-names.ts';
import { busy, findLiveHolder, type LockOptions, lockRunFolder, type RunLock } from './run-lock.ts';

export interface ClaimOptions extends LockOptions {
  readonly resume: boolean;
}

/**
 * Before anything is computed: makes sure that the folder can be written to, that nobody else does, and that it
 * holds no run (or, to resume, that it does).
 * @returns what keeps others out; after its release folders that were made for the run and hold nothing are gone
 * @throws AgentError NOT_WRITABLE, DISK_FULL, RUN_EXISTS, RUN_BUSY, RUN_NOT_FOUND
 */
export async function claimRunFolder(folder: string, options: ClaimOptions): Promise<RunLock> {
  const { resume } = options;
  if (resume) await refuseMissingRun(folder);
  else await refuseExistingRun(folder);
  const made: string[] = [];
  let lock: RunLock | undefined;
  const release = async () => {
    await lock?.release();
    for (const empty of made.reverse()) await rmdir(empty);
  };
  try {
    made.push(...(await makeFolder(folder)));
    lock = await lockRunFolder(folder, options);
    // Files that only this run can have left behind may be read-only.
    if (resume) await tryToWrite(runFilePath(folder, 'metrics'));
    // Another may have begun and ended one before the lock was ours.
    else await refuseExistingRun(folder);
    return { check: lock.check, release };
  } catch (cause) {
    await release().catch(() => undefined);
    throw fileError('write', folder, cause);
  }
}

/** A run that was ended before its first checkpoint has its options only. */
async function refuseMissingRun(folder: string): Promise<void> {
  if (await exists(runFilePath(folder, 'checkpoint'))) return;
  if ((await exists(runFilePath(folder, 'config'))) && (await neverBegan(folder))) return;
  const { code, message } = await noRunIn(folder, runFileNames.checkpoint);
  throw new AgentError(code, `no run to resume: ${message}; to begin a new run, leave resume away`);
}

/** The first checkpoint comes before everything that is learnt or measured. */
async function neverBegan(folder: string): Promise<boolean> {
  const metrics = await readIfFile(runFilePath(folder, 'metrics'));
  const policies = ['bestPolicy', 'lastPolicy'] as const;
  const found = await Promise.all(policies.map((file) => exists(runFilePath(folder, file))));
  return (metrics?.length ?? 0) === 0 && !found.includes(true);
}

/** Changes nothing, and makes nothing where nothing is. */
async function tryToWrite(path: string): Promise<void> {
  const file = await open(path, 'r+').catch((error: unknown) => {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  });
  await file?.close();
}

/** A run, or a group of them. @throws AgentError RUN_EXISTS, RUN_BUSY */
export async function refuseExistingRun(folder: string): Promise<void> {
  const files = (Object.keys(runFileNames) as RunFileName[]).map((name) => runFileNames[name]);
  for (const name of [...files, groupFileName]) {
    if (!(await exists(join(folder, name)))) continue;
    const holder = await findLiveHolder(folder);
    if (holder !== undefined) throw busy(folder, holder);
    const what = name === groupFileName ? 'a group of runs' : 'a run';
    throw new AgentError(
      'RUN_EXISTS',
      `${folder} already holds ${what} (${name}): go on with it (resume: true) or choose another folder (runFolder)`,
    );
  }
}
