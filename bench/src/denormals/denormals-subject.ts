/**
 * A compiled learner in its thread, beside an acting session that was made first, as in training; its inputs go
 * dead after a while: `denormals-subject.js <settings as JSON>`. A unit is one update.
 */
import {
  createBatch,
  createCompiledLearner,
  createInitialState,
  createRandomStream,
  type LearnerState,
} from '@gymwire/agent-sdk';
import { createProducts } from '../learner/sgemm.ts';
import { learnerOptions } from '../learner/sizes.ts';
import { introduce, serveRequests, timeInterval } from '../support/subject-process.ts';
import type { DenormalSettings } from './denormals-bench.ts';

const { sizes, keepDenormals, liveUpdates } = JSON.parse(process.argv[2]) as DenormalSettings;
/** Distinct batches, drawn once: what is measured is the learner. */
const batchCount = 64;

// The first session of the process decides how onnxruntime treats denormals in its own thread, and only there.
const act = await createProducts();
await act();

const options = learnerOptions(sizes);
const learner = await createCompiledLearner(options, createInitialState(options, 0), {
  diagnostics: { keepDenormals },
});
const stream = createRandomStream(0, 'denormals');
const batches = Array.from({ length: batchCount }, () => {
  const { batchSize, observationSize, actionSize } = sizes;
  const batch = createBatch(batchSize, observationSize, actionSize);
  for (const column of [batch.observation, batch.nextObservation, batch.action, batch.reward]) {
    stream.fillStandardNormal(column);
  }
  return { batch, noise: new Float32Array(batchSize * actionSize) };
});
let updates = 0;

async function update(): Promise<void> {
  // From here on no first layer's weight has a gradient, and its moments do nothing but decay.
  if (updates === liveUpdates) {
    for (const { batch } of batches) {
      for (const column of [batch.observation, batch.nextObservation, batch.action]) column.fill(0);
    }
  }
  const { batch, noise } = batches[updates % batchCount];
  await learner.update(batch, noise);
  updates++;
}

function countDenormals({ actorAdam, criticAdams }: LearnerState): number {
  const smallestNormal = 2 ** -126;
  return [actorAdam, ...criticAdams]
    .flatMap(({ firstMoment, secondMoment }) => [...firstMoment, ...secondMoment])
    .flatMap(({ weight, bias }) => [weight, bias])
    .reduce((sum, values) => sum + values.filter((x) => x !== 0 && Math.abs(x) < smallestNormal).length, 0);
}

introduce({
  version: `Node ${process.version}`,
  includes: 'update() of the compiled learner in its thread; batches are drawn beforehand',
  differs: '',
});
await serveRequests(async ({ count, inspect = false }) => {
  const interval = await timeInterval(async () => {
    for (let i = 0; i < count; i++) await update();
  });
  const { rss, heapUsed } = process.memoryUsage();
  const denormals = inspect ? countDenormals(await learner.exportState()) : 0;
  return { ...interval, extra: { rss, heapUsed, denormals } };
});
