import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { shown } from '@gymwire/protocol';
import { readCheckpointSummary } from '../checkpoint/checkpoint.ts';
import { readSnapshotFile } from '../checkpoint/snapshot-file.ts';
import { AgentError } from '../errors.ts';
import type { ResolvedTrainOptions } from '../generated/train-options.ts';
import { parseStoredOptions } from '../options/option-schema.ts';
import type { PolicySnapshot } from '../policy/policy-snapshot.ts';
import { noRunIn } from './no-run.ts';
import { exists, holdsGroup, type RunFileName, runFileNames, runFilePath } from './run-file-names.ts';

/** What a run was started with, and how far its checkpoint is. */
export interface RunSummary {
  /** All options that it was started with. */
  readonly options: ResolvedTrainOptions;
  /** Transitions collected up to the checkpoint. */
  readonly envSteps: number;
  /** Updates of both critics up to the checkpoint. */
  readonly gradientSteps: number;
}

/**
 * Reads what the run in a folder was started with, and how far its checkpoint is.
 * @throws AgentError INVALID_OPTION, RUN_NOT_FOUND, FILE_UNREADABLE, FILE_FOREIGN, FILE_VERSION, FILE_CORRUPT
 */
export async function readRunSummary(folder: string): Promise<RunSummary> {
  checkFolder(folder);
  const path = runFilePath(folder, 'checkpoint');
  if (!(await exists(path))) throw await runNotFound(folder, 'checkpoint');
  const { options, counters } = await readCheckpointSummary(path);
  const { envSteps, gradientSteps } = counters;
  return { options: parseStoredOptions(path, options), envSteps, gradientSteps };
}

/**
 * Reads a policy of the run in a folder, from its own file alone, whatever may be wrong with the others.
 * @param file `bestPolicy`: the actor of the best evaluation (best.policy); `lastPolicy`: that of the last checkpoint (last.policy)
 * @throws AgentError INVALID_OPTION, RUN_NOT_FOUND, POLICY_NOT_FOUND, FILE_UNREADABLE, FILE_FOREIGN, FILE_VERSION, FILE_CORRUPT
 */
export async function readRunPolicy(
  folder: string,
  file: 'bestPolicy' | 'lastPolicy',
): Promise<PolicySnapshot> {
  checkFolder(folder);
  if (file !== 'bestPolicy' && file !== 'lastPolicy') {
    throw new AgentError('INVALID_OPTION', `file: expected bestPolicy or lastPolicy, got ${shown(file)}`);
  }
  const path = runFilePath(folder, file);
  if (await exists(path)) return readSnapshotFile(path);
  if (file === 'bestPolicy' && (await exists(runFilePath(folder, 'lastPolicy')))) {
    throw new AgentError(
      'POLICY_NOT_FOUND',
      `${folder}: no best policy: the run has had no evaluation yet, or ${runFileNames.bestPolicy} was removed; take the last one (--last)`,
    );
  }
  throw await runNotFound(folder, file);
}

async function runNotFound(folder: string, file: RunFileName): Promise<AgentError> {
  if (await holdsGroup(folder)) {
    const [first] = (await readdir(folder)).filter((name) => name.startsWith('seed')).toSorted();
    const example = first === undefined ? '' : `, such as ${join(folder, first)}`;
    return new AgentError(
      'RUN_NOT_FOUND',
      `${folder}: holds a group of runs, a folder each: name one of these${example}`,
    );
  }
  return noRunIn(folder, runFileNames[file]);
}

function checkFolder(folder: unknown): void {
  if (typeof folder === 'string') return;
  throw new AgentError('INVALID_OPTION', `folder: expected the path of a run's folder, got ${shown(folder)}`);
}
