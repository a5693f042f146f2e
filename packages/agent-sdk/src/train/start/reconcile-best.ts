import { systemCodeOf } from '../../checkpoint/file-errors.ts';
import { readSnapshotFile } from '../../checkpoint/snapshot-file.ts';
import { AgentError } from '../../errors.ts';
import type { PolicySnapshot } from '../../policy/policy-snapshot.ts';
import { runFileNames, runFilePath } from '../../run-folder/run-file-names.ts';
import { type RunFolder } from '../../run-folder/run-folder.ts';
import type { TrainingState } from '../loop/training-state.ts';

/**
 * A run that was killed may have found a better policy after its last checkpoint: that one is kept. Otherwise
 * best.policy is made what the checkpoint says.
 * @returns what was put right
 */
export async function reconcileBest(
  folder: RunFolder | undefined,
  state: TrainingState,
  hash: string,
): Promise<string[]> {
  if (folder === undefined) return [];
  const name = runFileNames.bestPolicy;
  // Missing or damaged: the checkpoint has a copy.
  const { saved, fault } = await readBest(runFilePath(folder.path, 'bestPolicy'));
  const isBetter = returnOf(saved) > returnOf(state.best) && saved?.configHash === hash;
  if (isBetter) state.best = saved;
  else if (state.best !== null) await folder.writePolicy('bestPolicy', state.best);
  if (fault === undefined || (state.best === null && fault === 'missing')) return [];
  const anew = state.best === null ? 'an evaluation will replace it' : 'written anew from the checkpoint';
  return [`${name} is ${fault}: ${anew}`];
}

async function readBest(
  path: string,
): Promise<{ readonly saved?: PolicySnapshot; readonly fault?: 'missing' | 'damaged' }> {
  try {
    return { saved: await readSnapshotFile(path) };
  } catch (error) {
    const isMissing = error instanceof AgentError && systemCodeOf(error.cause) === 'ENOENT';
    return { fault: isMissing ? 'missing' : 'damaged' };
  }
}

function returnOf(policy: PolicySnapshot | null | undefined): number {
  return policy?.evaluation?.meanReturn ?? -Infinity;
}
