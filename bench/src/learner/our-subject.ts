/** One of our learners, or the bare product, behind requests: `our-subject.js <library> <sizes as JSON>`. */
import { AgentError } from '@gymwire/agent-sdk';
import {
  createBatch,
  createCompiledLearner,
  createInitialState,
  createRandomStream,
  createTfjsLearner,
  type Learner,
  NetworkActor,
  ReplayBuffer,
  type TfjsBackendName,
} from '@gymwire/agent-sdk/parts';
import { env as onnxEnv } from 'onnxruntime-node';
import { introduce, sayMissing, serveRequests, timeInterval } from '../support/subject-process.ts';
import { createProducts, productsPerRun } from './sgemm.ts';
import { learnerOptions, policyDelay, type UpdateSizes } from './sizes.ts';

const transitions = 1_000_000;
const includes =
  'sampling of the batch and its noise, the update, and after each policy update the actor read back and taken over by the acting policy';

async function createLearner(library: string, sizes: UpdateSizes): Promise<[Learner, version: string]> {
  const options = learnerOptions(sizes);
  const initial = createInitialState(options, 0);
  const onnxVersion = `onnxruntime ${onnxEnv.versions.node ?? '?'}, Node ${process.version}`;
  switch (library) {
    case 'compiled':
      return [await createCompiledLearner(options, initial, { threads: 1 }), onnxVersion];
    case 'compiled-2-threads':
      return [await createCompiledLearner(options, initial, { threads: 2 }), onnxVersion];
    case 'compiled-caller':
      return [await createCompiledLearner(options, initial, { thread: 'caller' }), onnxVersion];
    default: {
      const backend = library.replace('tfjs-', '') as TfjsBackendName;
      const learner = await createTfjsLearner(options, initial, backend);
      return [learner, `${learner.description}, tfjs 4.22.0, Node ${process.version}`];
    }
  }
}

/** One update, from a full replay to an actor that can play. */
async function createUpdate(learner: Learner, sizes: UpdateSizes): Promise<() => Promise<void>> {
  const { observationSize, actionSize, batchSize } = sizes;
  const replay = fullReplay(sizes);
  const batch = createBatch(batchSize, observationSize, actionSize);
  const targetNoise = new Float32Array(batchSize * actionSize);
  const indices = createRandomStream(0, 'batch-indices');
  const noise = createRandomStream(0, 'target-noise');
  const actor = new NetworkActor(await learner.actorWeights());
  let updates = 0;
  return async () => {
    replay.sample(batch, indices);
    noise.fillStandardNormal(targetNoise);
    await learner.update(batch, targetNoise);
    updates++;
    if (updates % policyDelay === 0) actor.setWeights(await learner.actorWeights());
  };
}

function fullReplay({ observationSize, actionSize }: UpdateSizes): ReplayBuffer {
  const replay = new ReplayBuffer({ observationSize, actionSize, capacity: transitions });
  const stream = createRandomStream(0, 'replay');
  const observations = [new Float32Array(observationSize), new Float32Array(observationSize)];
  const action = new Float32Array(actionSize);
  for (let i = 0; i < transitions; i++) {
    const nextObservation = observations[(i + 1) % 2];
    stream.fillStandardNormal(nextObservation);
    for (let k = 0; k < actionSize; k++) action[k] = 2 * stream.uniform() - 1;
    replay.add(observations[i % 2], action, stream.uniform(), nextObservation, stream.uniform() < 0.01);
  }
  return replay;
}

async function main(library: string, sizes: UpdateSizes): Promise<void> {
  if (library === 'sgemm') {
    const run = await createProducts();
    introduce({ version: 'onnxruntime', includes: 'a product of 256 × 256 float32 matrices', differs: '' });
    await serveRequests(({ count }) =>
      timeInterval(async () => {
        for (let i = 0; i < count; i += productsPerRun) await run();
      }),
    );
    return;
  }
  const [learner, version] = await createLearner(library, sizes);
  const update = await createUpdate(learner, sizes);
  introduce({ version, includes, differs: '' });
  await serveRequests(({ count }) =>
    timeInterval(async () => {
      for (let i = 0; i < count; i++) await update();
    }),
  );
}

const [library = '', sizes = ''] = process.argv.slice(2);
try {
  await main(library, JSON.parse(sizes) as UpdateSizes);
} catch (error) {
  if (!(error instanceof AgentError) || error.code !== 'BACKEND_UNAVAILABLE') throw error;
  sayMissing(error.message);
}
