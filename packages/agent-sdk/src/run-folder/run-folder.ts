import type { AutoresetMode } from '@gymwire/protocol';
import { writeFileAtomically } from '../checkpoint/atomic-file.ts';
import { type Checkpoint, writeCheckpoint } from '../checkpoint/checkpoint.ts';
import { replaceSnapshotFile } from '../checkpoint/snapshot-file.ts';
import type { ResolvedTrainOptions } from '../generated/train-options.ts';
import { configHash } from '../options/config-hash.ts';
import type { PolicySnapshot } from '../policy/policy-snapshot.ts';
import type { FleetPlaces } from '../rollout/vector-env.ts';
import { type KeptFiles, type LineFileName, LineFiles, type RunLines } from './line-files.ts';
import { writeMarks } from './line-marks.ts';
import { runFilePath } from './run-file-names.ts';
import type { RunLock } from './run-lock.ts';

/** How the seeds of a run's training episodes are made. */
export interface RunSeeding {
  /** 2: each episode has its own, from the run's seed, its environment and its number. 1: as older versions did it. */
  readonly version: 1 | 2;
  /** `from-streams`: only resets of all environments have seeds. */
  readonly laterEpisodes: 'from-seeds' | 'from-streams';
}

/** How a run's environments behave where one simulator steps all of them. */
export interface BatchFacts {
  readonly autoresetMode: AutoresetMode;
  /** False: transitions with which episodes were cut off are left out. */
  readonly finalObservations: boolean;
}

export interface RunFolderStart {
  readonly path: string;
  readonly options: ResolvedTrainOptions;
  readonly seeding: RunSeeding;
  /** Where the environments are, if in several places. */
  readonly places: FleetPlaces | undefined;
  /** False where a step went on without slow hosts: equal options give another run. */
  readonly isReproducible: boolean;
  /** What became of what the options ask for, or cannot, where the environment is a batch simulator; for people. */
  readonly batch?: BatchFacts | undefined;
  readonly kept: KeptFiles;
  /** Asked before each write. */
  readonly lock: Pick<RunLock, 'check'>;
}

/** The open files of a run under way. Each write throws AgentError RUN_LOST when another training has the folder. */
export class RunFolder {
  readonly path: string;
  readonly #lines: LineFiles;
  readonly #lock: Pick<RunLock, 'check'>;

  private constructor({ path, lock }: RunFolderStart, lines: LineFiles) {
    this.path = path;
    this.#lock = lock;
    this.#lines = lines;
  }

  /** After `claimRunFolder`. @throws AgentError NOT_WRITABLE, DISK_FULL, RUN_LOST */
  static async open(start: RunFolderStart): Promise<RunFolder> {
    const { path, options, seeding, places, isReproducible, batch, lock } = start;
    const config = {
      configHash: configHash(options),
      seeding,
      options,
      ...(places !== undefined && { fleet: places }),
      ...(!isReproducible && { reproducible: false }),
      ...(batch !== undefined && { batch }),
    };
    const text = `${JSON.stringify(config, null, 2)}\n`;
    await lock.check();
    await writeFileAtomically(runFilePath(path, 'config'), (file) => file.writeFile(text), lock.check);
    return new RunFolder(start, await LineFiles.open(path, start.kept));
  }

  async append<Name extends LineFileName>(file: Name, line: RunLines[Name]): Promise<void> {
    await this.#lock.check();
    await this.#lines.append(file, line);
  }

  /** Lines reach the disk first: a checkpoint never counts on some that a power cut could take. */
  async writeCheckpoint(checkpoint: Omit<Checkpoint, 'metricsBytes' | 'metricsSha256'>): Promise<void> {
    const { check } = this.#lock;
    await check();
    const { metrics, ...others } = await this.#lines.sync();
    await writeMarks(this.path, others, check);
    const counted = { metricsBytes: metrics.bytes, metricsSha256: metrics.sha256 };
    await writeCheckpoint(runFilePath(this.path, 'checkpoint'), { ...checkpoint, ...counted }, check);
  }

  async writePolicy(file: 'bestPolicy' | 'lastPolicy', snapshot: PolicySnapshot): Promise<void> {
    const { check } = this.#lock;
    await check();
    await replaceSnapshotFile(runFilePath(this.path, file), snapshot, check);
  }

  async close(): Promise<void> {
    await this.#lines.close();
  }
}
