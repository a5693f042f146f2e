import { access, open, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../checkpoint/atomic-file.ts';
import { type Checkpoint, readCheckpointSummary, writeCheckpoint } from '../checkpoint/checkpoint.ts';
import { fileError, systemCodeOf } from '../checkpoint/file-errors.ts';
import { AgentError } from '../errors.ts';
import { readPolicyFile, writePolicyFile } from '../policy/policy-file.ts';
import type { PolicySnapshot } from '../policy/policy-snapshot.ts';
import { configHash } from './config-hash.ts';
import { JsonLinesFile, type KeptLines } from './json-lines-file.ts';
import { makeFolder } from './make-folder.ts';
import type { MetricsLine, TimingLine } from './metrics.ts';
import { parseStoredOptions, type ResolvedTrainOptions } from './option-schema.ts';
import { lockRunFolder } from './run-lock.ts';

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

/**
 * Before anything is computed: makes sure that the folder can be written to, that nobody else does, and that it
 * holds no run (or, to resume, that it does).
 * @returns what leaves the folder to others; folders that were made for the run and hold nothing go
 * @throws AgentError NOT_WRITABLE, DISK_FULL, RUN_EXISTS, RUN_BUSY, RUN_NOT_FOUND
 */
export async function claimRunFolder(folder: string, resume: boolean): Promise<() => Promise<void>> {
  if (resume && !(await exists(runFilePath(folder, 'checkpoint')))) {
    throw new AgentError(
      'RUN_NOT_FOUND',
      `${folder}: no run to resume (${runFileNames.checkpoint} is missing)`,
    );
  }
  if (!resume) await refuseExistingRun(folder);
  const made: string[] = [];
  let unlock = async () => {};
  const release = async () => {
    await unlock();
    for (const empty of made.reverse()) await rmdir(empty);
  };
  try {
    made.push(...(await makeFolder(folder)));
    unlock = await lockRunFolder(folder);
    // Files that only this run can have left behind may be read-only.
    if (resume) await tryToWrite(runFilePath(folder, 'metrics'));
    // Another may have begun and ended one before the lock was ours.
    else await refuseExistingRun(folder);
    return release;
  } catch (cause) {
    await release().catch(() => undefined);
    throw fileError('write', folder, cause);
  }
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
  if (await exists(path)) return readPolicyFile(path);
  if (file === 'bestPolicy' && (await exists(runFilePath(folder, 'lastPolicy')))) {
    throw new AgentError(
      'POLICY_NOT_FOUND',
      `${folder}: no best policy: the run has had no evaluation yet, or ${runFileNames.bestPolicy} was removed; take the last one (--last)`,
    );
  }
  throw new AgentError('RUN_NOT_FOUND', `${folder}: holds no run (${runFileNames[file]} is missing)`);
}

/** The open files of a run under way. */
export class RunFolder {
  readonly path: string;
  readonly #metrics: JsonLinesFile;
  readonly #timing: JsonLinesFile;

  private constructor(path: string, metrics: JsonLinesFile, timing: JsonLinesFile) {
    this.path = path;
    this.#metrics = metrics;
    this.#timing = timing;
  }

  /**
   * After `claimRunFolder`. @param kept what stays of both files, so that a resumed run says nothing twice
   * @throws AgentError NOT_WRITABLE, DISK_FULL
   */
  static async open(
    path: string,
    options: ResolvedTrainOptions,
    kept: { readonly metrics: KeptLines; readonly timing: KeptLines },
  ): Promise<RunFolder> {
    const config = { configHash: configHash(options), options };
    await writeFileAtomically(runFilePath(path, 'config'), (file) =>
      file.writeFile(`${JSON.stringify(config, null, 2)}\n`),
    );
    const metrics = await JsonLinesFile.open(runFilePath(path, 'metrics'), kept.metrics);
    return new RunFolder(path, metrics, await JsonLinesFile.open(runFilePath(path, 'timing'), kept.timing));
  }

  async appendMetrics(line: MetricsLine): Promise<void> {
    await this.#metrics.append(line);
  }

  async appendTiming(line: TimingLine): Promise<void> {
    await this.#timing.append(line);
  }

  /** Metrics reach the disk first: a checkpoint never counts on lines that a power cut could take. */
  async writeCheckpoint(checkpoint: Omit<Checkpoint, 'metricsBytes' | 'metricsSha256'>): Promise<void> {
    await this.#metrics.sync();
    const { bytes: metricsBytes, sha256: metricsSha256 } = this.#metrics;
    const path = runFilePath(this.path, 'checkpoint');
    await writeCheckpoint(path, { ...checkpoint, metricsBytes, metricsSha256 });
  }

  async writePolicy(file: 'bestPolicy' | 'lastPolicy', snapshot: PolicySnapshot): Promise<void> {
    await writePolicyFile(runFilePath(this.path, file), snapshot);
  }

  async close(): Promise<void> {
    await this.#metrics.close();
    await this.#timing.close();
  }
}

/** A path below something that is no folder does not exist either; the write that follows says so. */
async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
