import { access, open, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../checkpoint/atomic-file.ts';
import { type Checkpoint, readCheckpointSummary, writeCheckpoint } from '../checkpoint/checkpoint.ts';
import { fileError, systemCodeOf } from '../checkpoint/file-errors.ts';
import { readSnapshotFile, replaceSnapshotFile } from '../checkpoint/snapshot-file.ts';
import { AgentError } from '../errors.ts';
import type { ResolvedTrainOptions } from '../generated/train-options.ts';
import { configHash } from '../options/config-hash.ts';
import { parseStoredOptions } from '../options/option-schema.ts';
import type { PolicySnapshot } from '../policy/policy-snapshot.ts';
import { readIfFile } from './check-lines.ts';
import { JsonLinesFile, type KeptLines } from './json-lines-file.ts';
import { makeFolder } from './make-folder.ts';
import type { MetricsLine, TimingLine } from './metrics.ts';
import { busy, findLiveHolder, type LockOptions, lockRunFolder, type RunLock } from './run-lock.ts';

/** The files of a run. */
export const runFileNames = {
  /** The resolved options, for people. */
  config: 'config.json',
  /** What was measured; see `metricsDictionary`. */
  metrics: 'metrics.jsonl',
  /** How long it took. */
  timing: 'timing.jsonl',
  /** All that a resume needs. */
  checkpoint: 'checkpoint.bin',
  /** The policy of the best evaluation. */
  bestPolicy: 'best.policy',
  /** The policy of the last checkpoint. */
  lastPolicy: 'last.policy',
} as const;

type RunFileName = keyof typeof runFileNames;

export function runFilePath(folder: string, file: RunFileName): string {
  return join(folder, runFileNames[file]);
}

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
  throw new AgentError(
    'RUN_NOT_FOUND',
    `${folder}: no run to resume (${runFileNames.checkpoint} is missing)`,
  );
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

async function refuseExistingRun(folder: string): Promise<void> {
  for (const name of Object.keys(runFileNames) as RunFileName[]) {
    if (await exists(runFilePath(folder, name))) {
      const holder = await findLiveHolder(folder);
      if (holder !== undefined) throw busy(folder, holder);
      throw new AgentError(
        'RUN_EXISTS',
        `${folder} already holds a run (${runFileNames[name]}): resume it or choose another folder`,
      );
    }
  }
}

/** What a run was started with, and how far its checkpoint is. */
export interface RunSummary {
  readonly options: ResolvedTrainOptions;
  readonly envSteps: number;
  readonly gradientSteps: number;
}

/** @throws AgentError RUN_NOT_FOUND, FILE_UNREADABLE, FILE_FOREIGN, FILE_VERSION, FILE_CORRUPT */
export async function readRunSummary(folder: string): Promise<RunSummary> {
  const path = runFilePath(folder, 'checkpoint');
  if (!(await exists(path))) {
    throw new AgentError('RUN_NOT_FOUND', `${folder}: holds no run (${runFileNames.checkpoint} is missing)`);
  }
  const { options, counters } = await readCheckpointSummary(path);
  const { envSteps, gradientSteps } = counters;
  return { options: parseStoredOptions(path, options), envSteps, gradientSteps };
}

/**
 * A policy of a run, from its own file alone: whatever may be wrong with the others.
 * @throws AgentError RUN_NOT_FOUND, POLICY_NOT_FOUND, FILE_UNREADABLE, FILE_FOREIGN, FILE_VERSION, FILE_CORRUPT
 */
export async function readRunPolicy(
  folder: string,
  file: 'bestPolicy' | 'lastPolicy',
): Promise<PolicySnapshot> {
  const path = runFilePath(folder, file);
  if (await exists(path)) return readSnapshotFile(path);
  if (file === 'bestPolicy' && (await exists(runFilePath(folder, 'lastPolicy')))) {
    throw new AgentError(
      'POLICY_NOT_FOUND',
      `${folder}: no best policy: the run has had no evaluation yet, or ${runFileNames.bestPolicy} was removed; take the last one (--last)`,
    );
  }
  throw new AgentError('RUN_NOT_FOUND', `${folder}: holds no run (${runFileNames[file]} is missing)`);
}

export interface RunFolderStart {
  readonly path: string;
  readonly options: ResolvedTrainOptions;
  /** What stays of both files, so that a resumed run says nothing twice. */
  readonly metrics: KeptLines;
  readonly timing: KeptLines;
  /** Asked before each write. */
  readonly lock: Pick<RunLock, 'check'>;
}

/** The open files of a run under way. Each write throws AgentError RUN_LOST when another training has the folder. */
export class RunFolder {
  readonly path: string;
  readonly #metrics: JsonLinesFile;
  readonly #timing: JsonLinesFile;
  readonly #lock: Pick<RunLock, 'check'>;

  private constructor(start: RunFolderStart, metrics: JsonLinesFile, timing: JsonLinesFile) {
    this.path = start.path;
    this.#lock = start.lock;
    this.#metrics = metrics;
    this.#timing = timing;
  }

  /** After `claimRunFolder`. @throws AgentError NOT_WRITABLE, DISK_FULL, RUN_LOST */
  static async open(start: RunFolderStart): Promise<RunFolder> {
    const { path, options, lock } = start;
    const config = { configHash: configHash(options), options };
    const text = `${JSON.stringify(config, null, 2)}\n`;
    await lock.check();
    await writeFileAtomically(runFilePath(path, 'config'), (file) => file.writeFile(text), lock.check);
    const metrics = await JsonLinesFile.open(runFilePath(path, 'metrics'), start.metrics);
    return new RunFolder(start, metrics, await JsonLinesFile.open(runFilePath(path, 'timing'), start.timing));
  }

  async appendMetrics(line: MetricsLine): Promise<void> {
    await this.#lock.check();
    await this.#metrics.append(line);
  }

  async appendTiming(line: TimingLine): Promise<void> {
    await this.#lock.check();
    await this.#timing.append(line);
  }

  /** Metrics reach the disk first: a checkpoint never counts on lines that a power cut could take. */
  async writeCheckpoint(checkpoint: Omit<Checkpoint, 'metricsBytes' | 'metricsSha256'>): Promise<void> {
    const { check } = this.#lock;
    await check();
    await this.#metrics.sync();
    const { bytes: metricsBytes, sha256: metricsSha256 } = this.#metrics;
    const path = runFilePath(this.path, 'checkpoint');
    await writeCheckpoint(path, { ...checkpoint, metricsBytes, metricsSha256 }, check);
  }

  async writePolicy(file: 'bestPolicy' | 'lastPolicy', snapshot: PolicySnapshot): Promise<void> {
    const { check } = this.#lock;
    await check();
    await replaceSnapshotFile(runFilePath(this.path, file), snapshot, check);
  }

  async close(): Promise<void> {
    await this.#metrics.close();
    await this.#timing.close();
  }
}

/** A path below something that is no folder does not exist either; the write that follows says so. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
