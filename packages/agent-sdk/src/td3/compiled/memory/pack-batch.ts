import type { Batch } from '../../learner.ts';
import type { BatchColumn, UpdateVector } from './update-vector.ts';

/**
 * Writes a batch and its target noise as `UpdateVector` has them.
 * @param out the stretch `vector.batch`
 */
export function packBatch(
  batch: Batch,
  targetNoise: Float32Array,
  vector: UpdateVector,
  out: Float32Array,
): void {
  const { parts, widths } = vector;
  const { observation, action, reward, nextObservation, terminated } = batch;
  const rows = parts.reward.length;
  const actionSize = widths.targetNoise;
  const observationSize = widths.nextInput - 1;
  const placeOf = (column: BatchColumn) => parts[column].offset - vector.batch.offset;
  let at = placeOf('input');
  for (let row = 0; row < rows; row++) {
    out[at++] = 1;
    for (let i = row * observationSize; i < (row + 1) * observationSize; i++) {
      out[at++] = observation[i];
    }
    for (let i = row * actionSize; i < (row + 1) * actionSize; i++) out[at++] = action[i];
  }
  at = placeOf('nextInput');
  for (let row = 0; row < rows; row++) {
    out[at++] = 1;
    for (let i = row * observationSize; i < (row + 1) * observationSize; i++) {
      out[at++] = nextObservation[i];
    }
  }
  out.set(reward, placeOf('reward'));
  out.set(terminated, placeOf('terminated'));
  out.set(targetNoise, placeOf('targetNoise'));
}
