import type { Batch, LearnerOptions } from '../learner.ts';
import { batchColumns } from './traced-update.ts';

/** How many float32 values an update takes: the columns of a batch and the target noise. */
export function updateArgumentsLength(options: LearnerOptions): number {
  return options.batchSize * Object.values(batchColumns(options)).reduce((sum, width) => sum + width, 0);
}

/** Writes a batch and its target noise end to end, in the order of `batchColumns`. */
export function packUpdateArguments(batch: Batch, targetNoise: Float32Array, out: Float32Array): void {
  const { observation, action, reward, nextObservation, terminated } = batch;
  let offset = 0;
  for (const column of [observation, action, reward, nextObservation, terminated, targetNoise]) {
    out.set(column, offset);
    offset += column.length;
  }
}
