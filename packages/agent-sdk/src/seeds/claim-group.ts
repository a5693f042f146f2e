/** A group's folder, before any of its runs is touched. */
import { rm, rmdir } from 'node:fs/promises';
import { fileError } from '../checkpoint/file-errors.ts';
import { AgentError } from '../errors.ts';
import { canonicalJson } from '../options/config-hash.ts';
import { resolveResumedOptions, resolveTrainOptions } from '../options/resolve-options.ts';
import { refuseExistingRun } from '../run-folder/claim-run-folder.ts';
import { makeFolder } from '../run-folder/make-folder.ts';
import { noRunIn } from '../run-folder/no-run.ts';
import { exists, groupFileName, holdsGroup } from '../run-folder/run-file-names.ts';
import { lockRunFolder, type RunLock } from '../run-folder/run-lock.ts';
import { groupFilePath, readGroupFile, type SeedGroup, seedFolder, writeGroupFile } from './group-file.ts';
import type { SeedsRequest } from './seeds-request.ts';

export interface ClaimedGroup extends SeedGroup {
  readonly lock: Pick<RunLock, 'check'>;
  /** Leaves the folder to others. A group of which no run has begun leaves nothing behind. */
  release(): Promise<void>;
}

/**
 * Makes a group's folder, or finds it, and keeps others out.
 * @param onWait told before waiting whether a process elsewhere still lives
 * @throws AgentError INVALID_OPTION, CONFIG_MISMATCH, RUN_EXISTS, RUN_BUSY, RUN_NOT_FOUND, NOT_WRITABLE, DISK_FULL, FILE_…
 */
export async function claimGroup(
  request: SeedsRequest,
  onWait: (message: string) => void,
): Promise<ClaimedGroup> {
  const { groupFolder: folder, takeOver } = request;
  // A wrong option makes no folder.
  const fresh = request.resume === true ? undefined : freshGroup(request);
  if (fresh === undefined) await refuseMissingGroup(folder);
  else await refuseExistingRun(folder);
  const made: string[] = [];
  let lock: RunLock | undefined;
  const release = async (group: SeedGroup | undefined) => {
    if (group !== undefined && !(await hasBegun(folder, group)))
      await rm(groupFilePath(folder), { force: true });
    await lock?.release();
    for (const empty of made.reverse()) await rmdir(empty);
  };
  try {
    made.push(...(await makeFolder(folder)));
    lock = await lockRunFolder(folder, { takeOver, onWait });
    const group = fresh ?? (await resumedGroup(request));
    // Another may have begun one before the lock was ours.
    if (fresh !== undefined) await refuseExistingRun(folder);
    await writeGroupFile(folder, group, lock);
    return { ...group, lock, release: () => release(group) };
  } catch (cause) {
    await release(undefined).catch(() => undefined);
    throw fileError('write', folder, cause);
  }
}

function freshGroup({ seeds = [], options }: SeedsRequest): SeedGroup {
  const { seed: _, ...common } = resolveTrainOptions({ ...options, seed: seeds[0] });
  return { seeds, options: common };
}

/** What may change, changes for all runs, those that have not begun included. */
async function resumedGroup({ groupFolder, options = {} }: SeedsRequest): Promise<SeedGroup> {
  const { seeds, options: stored } = await readGroupFile(groupFolder);
  const { seed: _, ...common } = resolveResumedOptions({ ...stored, seed: 0 }, options);
  const isSame = canonicalJson(common) === canonicalJson(stored);
  return { seeds, options: isSame ? stored : common };
}

async function refuseMissingGroup(folder: string): Promise<void> {
  if (await holdsGroup(folder)) return;
  const { code, message } = await noRunIn(folder, groupFileName, 'group of runs');
  throw new AgentError(code, `no group of runs to resume: ${message}`);
}

async function hasBegun(folder: string, { seeds }: SeedGroup): Promise<boolean> {
  const found = await Promise.all(seeds.map((seed) => exists(seedFolder(folder, seed))));
  return found.includes(true);
}
