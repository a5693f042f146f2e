import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { AgentError } from '../../errors.ts';
import { createInProcessLearner, type InProcessLearner } from './in-process-learner.ts';
import type { ThreadData, ThreadRequest, ThreadResponse } from './thread-messages.ts';

/* Entry of the worker thread that a ThreadedLearner starts: the learner in process, behind messages. */

async function answer(
  learner: InProcessLearner,
  batch: Float32Array,
  request: ThreadRequest,
): Promise<Extract<ThreadResponse, { kind: 'done' }>['value']> {
  switch (request.kind) {
    case 'update':
      await learner.updatePacked(batch);
      return undefined;
    case 'importState':
      await learner.importState(request.state);
      return undefined;
    case 'readMetrics':
      return learner.readMetrics();
    case 'actorWeights':
      return learner.actorWeights();
    case 'exportState':
      return learner.exportState();
    case 'dispose':
      await learner.dispose();
      return undefined;
  }
}

async function respond(port: MessagePort, task: () => ReturnType<typeof answer>): Promise<void> {
  let response: ThreadResponse;
  try {
    response = { kind: 'done', value: await task() };
  } catch (error) {
    response = {
      kind: 'failed',
      code: error instanceof AgentError ? error.code : undefined,
      message: error instanceof Error ? error.message : String(error),
      stack: error instanceof Error ? error.stack : undefined,
    };
  }
  port.postMessage(response);
}

async function main(port: MessagePort, data: ThreadData): Promise<void> {
  const batch = new Float32Array(data.batch);
  await respond(port, async () => {
    const learner = await createInProcessLearner(data.options, data.initial, data.diagnostics);
    port.on('message', (request: ThreadRequest) => {
      void respond(port, () => answer(learner, batch, request));
    });
    return learner.description;
  });
}

if (parentPort !== null) await main(parentPort, workerData as ThreadData);
