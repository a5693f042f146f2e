import type { SavedCallbacks } from '../checkpoint/checkpoint.ts';
import { AgentError } from '../errors.ts';
import type { TrainCallback } from './callback.ts';

/**
 * Holds the callbacks of a run that goes on against those that it has saved.
 * @throws AgentError CALLBACK_MISMATCH, saying what to do
 */
export function checkSavedCallbacks(callbacks: readonly TrainCallback[], saved: SavedCallbacks): void {
  const hasState = (name: string) => Object.hasOwn(saved, name) && saved[name]?.state !== undefined;
  const names = new Set(callbacks.map(({ name }) => name));
  const missing = Object.keys(saved).filter((name) => hasState(name) && !names.has(name));
  if (missing.length > 0) {
    throw new AgentError(
      'CALLBACK_MISMATCH',
      `the run has saved the state of ${missing.map((name) => `"${name}"`).join(', ')}, and no such callback was given: give it again, or one of that name ` +
        `without restore, { name: "${missing[0]}" }, to let its state go`,
    );
  }
  const late = callbacks.find(({ name, restore }) => restore !== undefined && !hasState(name));
  if (late === undefined) return;
  throw new AgentError(
    'CALLBACK_MISMATCH',
    `callback "${late.name}" restores its state, and the run has saved none of that name: it began without it; ` +
      'leave its restore out to have it begin afresh, { ...callback, restore: undefined }',
  );
}
