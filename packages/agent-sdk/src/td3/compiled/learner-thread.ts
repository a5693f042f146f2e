import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { AgentError } from '../../errors.ts';
import { createInProcessLearner, type InProcessLearner } from './in-process-learner.ts';
import type { ThreadData, ThreadRequest, ThreadResponse } from './thread-messages.ts';

/* Entry of the worker thread that a ThreadedLearner starts: the learner in process, behind messages. */

/** Views of the memory that both threads see. */
interface SharedArrays {
  readonly batch: Float32Array;
  readonly actor: Float32Array;
}

async function answer(
  learner: InProcessLearner,
  { batch, actor }: SharedArrays,
  request: ThreadRequest,
): Promise<Extract<ThreadResponse, { kind: 'done' }>['value']> {
  switch (request.kind) {
    case 'update': {
      const { policyUpdates } = learner;
      await learner.updatePacked(batch);
      if (learner.policyUpdates !== policyUpdates) learner.copyActor(actor);
      return undefined;
    }
    case 'importState':
      await learner.importState(request.state);
      learner.copyActor(actor);
      return undefined;
    case 'readMetrics':
      return learner.readMetrics();
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
  const shared = { batch: new Float32Array(data.batch), actor: new Float32Array(data.actor) };
  await respond(port, async () => {
    const learner = await createInProcessLearner(data.options, data.initial, data.diagnostics);
    learner.copyActor(shared.actor);
    port.on('message', (request: ThreadRequest) => {
      void respond(port, () => answer(learner, shared, request));
    });
    return learner.description;
  });
}

if (parentPort !== null) await main(parentPort, workerData as ThreadData);
