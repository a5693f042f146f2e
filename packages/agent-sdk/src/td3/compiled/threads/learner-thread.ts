import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { AgentError } from '../../../errors.ts';
import { createInProcessLearner, type InProcessLearner } from '../in-process-learner.ts';
import type { NetworkArrays } from '../memory/parameter-layout.ts';
import { RowExchange } from './row-exchange.ts';
import type { ThreadData, ThreadRequest, ThreadResponse } from './thread-messages.ts';

/* Entry of the worker threads that a ThreadedLearner starts: a learner in process, behind messages. */

/** What threads see of each other: memory that they share. */
class SharedView {
  readonly batch: Float32Array;
  readonly #actor: Float32Array;
  readonly #actorTarget: Float32Array;
  readonly #role: 'whole' | 'critic1' | 'critic2';
  #policyUpdates = 0;

  constructor({ batch, actor, actorTarget, twin }: ThreadData) {
    this.batch = new Float32Array(batch);
    this.#actor = new Float32Array(actor);
    this.#actorTarget = new Float32Array(actorTarget);
    this.#role = twin?.role ?? 'whole';
  }

  /** Takes over, before an update, how the target actor changed in the last one, where this thread has no actor. */
  pull({ liveActor, policyUpdates }: InProcessLearner): void {
    if (this.#role !== 'critic2' || policyUpdates === this.#policyUpdates) return;
    this.#policyUpdates = policyUpdates;
    const { small, large } = liveActor.actorTarget;
    small.set(this.#actorTarget.subarray(0, small.length));
    large.set(this.#actorTarget.subarray(small.length));
  }

  /** Shows, after an update, how the actor changed, where this thread has it. */
  push(learner: InProcessLearner): void {
    if (learner.policyUpdates !== this.#policyUpdates && this.#role !== 'critic2') this.pushAll(learner);
  }

  /** Shows the actor after a change of all state. */
  pushAll({ liveActor, policyUpdates }: InProcessLearner): void {
    this.#policyUpdates = policyUpdates;
    if (this.#role === 'critic2') return;
    copy(liveActor.actor, this.#actor);
    if (this.#role === 'critic1') copy(liveActor.actorTarget, this.#actorTarget);
  }
}

function copy({ small, large }: NetworkArrays, out: Float32Array): void {
  out.set(small);
  out.set(large, small.length);
}

async function answer(
  learner: InProcessLearner,
  shared: SharedView,
  request: ThreadRequest,
): Promise<Extract<ThreadResponse, { kind: 'done' }>['value']> {
  switch (request.kind) {
    case 'update':
      shared.pull(learner);
      await learner.updatePacked(shared.batch);
      shared.push(learner);
      return undefined;
    case 'importState':
      await learner.importState(request.state);
      shared.pushAll(learner);
      return undefined;
    case 'readMetrics':
      return learner.readMetrics();
    case 'exportState':
      return learner.exportState();
    case 'setLearningRates':
      await learner.setLearningRates(request.rates);
      return undefined;
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
  const { options, initial, diagnostics, twin } = data;
  const shared = new SharedView(data);
  await respond(port, async () => {
    const exchange = twin && new RowExchange(twin.exchange, twin.role === 'critic1' ? 0 : 1);
    const learner = await createInProcessLearner(
      options,
      initial,
      diagnostics,
      twin && exchange && { role: twin.role, swap: (own, other) => exchange.swap(own, other) },
    );
    shared.pushAll(learner);
    port.on('message', (request: ThreadRequest) => {
      void respond(port, () => answer(learner, shared, request));
    });
    return learner.description;
  });
}

if (parentPort !== null) await main(parentPort, workerData as ThreadData);
