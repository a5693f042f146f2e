import {
  createBatch,
  createCompiledLearner,
  createInitialState,
  createRandomStream,
} from '@gymwire/agent-sdk/parts';
import { learnerOptions, type UpdateSizes } from '../learner/sizes.ts';
import { median } from '../support/statistics.ts';

/** @returns the batch size, a multiple of 32, with which an update takes about `goalMs` on this machine now */
export async function batchOfDuration(
  goalMs: number,
  sizes: Omit<UpdateSizes, 'batchSize'>,
): Promise<number> {
  let batchSize = 256;
  // Time grows nearly in proportion to the batch; a second look mends the rest.
  for (let look = 0; look < 2; look++) {
    const ms = await updateMs({ ...sizes, batchSize });
    batchSize = Math.max(32, Math.round((batchSize * goalMs) / ms / 32) * 32);
  }
  return batchSize;
}

async function updateMs(sizes: UpdateSizes): Promise<number> {
  const { batchSize, observationSize, actionSize } = sizes;
  const options = learnerOptions(sizes);
  const learner = await createCompiledLearner(options, createInitialState(options, 0));
  const batch = createBatch(batchSize, observationSize, actionSize);
  const noise = new Float32Array(batchSize * actionSize);
  const stream = createRandomStream(0, 'update-time');
  for (const column of [batch.observation, batch.nextObservation, batch.action, batch.reward, noise]) {
    stream.fillStandardNormal(column);
  }
  const times: number[] = [];
  for (let pair = 0; pair < 30; pair++) {
    const start = performance.now();
    await learner.update(batch, noise);
    await learner.update(batch, noise);
    times.push((performance.now() - start) / 2);
  }
  await learner.dispose();
  return median(times);
}
