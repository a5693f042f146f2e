/** Where a run of a group stands, from its folder alone: nothing that a group remembers could contradict it. */
import { readCheckpointSummary } from '../checkpoint/checkpoint.ts';
import { AgentError } from '../errors.ts';
import type { ResolvedTrainOptions } from '../generated/train-options.ts';
import { parseStoredOptions } from '../options/option-schema.ts';
import { resolveResumedOptions } from '../options/resolve-options.ts';
import { exists, type RunFileName, runFileNames, runFilePath } from '../run-folder/run-file-names.ts';
import { readRunPolicy } from '../run-folder/run-files.ts';
import { findEnd } from '../train/loop/run-end.ts';
import type { TrainStatus } from '../train/report/progress.ts';
import type { SeedRun } from './seeds-request.ts';

/** The figures of a run. */
export type SeedFigures = Pick<SeedRun, 'envSteps' | 'lastReturn' | 'bestReturn' | 'bestEnvSteps'>;

export interface SeedState {
  /** False: there is nothing to go on with. */
  readonly hasBegun: boolean;
  /** How it has ended; undefined: it goes on, or begins. */
  readonly end: Exclude<TrainStatus, 'interrupted'> | undefined;
  readonly figures: SeedFigures;
}

const noFigures: SeedFigures = { envSteps: 0, lastReturn: null, bestReturn: null, bestEnvSteps: null };

/**
 * A run that cannot be read has begun, and not ended: to resume it says what is wrong with it.
 * @param options those that it would go on with
 */
export async function readSeedState(folder: string, options: ResolvedTrainOptions): Promise<SeedState> {
  const files = Object.keys(runFileNames) as RunFileName[];
  const found = await Promise.all(files.map((file) => exists(runFilePath(folder, file))));
  if (!found.includes(true)) return { hasBegun: false, end: undefined, figures: noFigures };
  try {
    return await readSaved(folder, options);
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return { hasBegun: true, end: undefined, figures: noFigures };
  }
}

async function readSaved(folder: string, options: ResolvedTrainOptions): Promise<SeedState> {
  const path = runFilePath(folder, 'checkpoint');
  const summary = await readCheckpointSummary(path);
  const { counters, lastEvaluation, best } = summary;
  const figures = {
    envSteps: counters.envSteps,
    lastReturn: lastEvaluation?.meanReturn ?? null,
    bestReturn: best?.evaluation?.meanReturn ?? null,
    bestEnvSteps: best?.envSteps ?? null,
  };
  // A run of other options has not ended as this one.
  const resumed = resolveResumedOptions(parseStoredOptions(path, summary.options), options);
  const end = findEnd(resumed, summary);
  // Written after the checkpoint: a process may have been killed in between.
  const isWhole =
    end !== undefined && (await readRunPolicy(folder, 'lastPolicy')).envSteps === counters.envSteps;
  return { hasBegun: true, end: isWhole ? end : undefined, figures };
}
