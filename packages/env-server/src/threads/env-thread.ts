import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { GymwireError } from '@gymwire/protocol';
import { resolveArguments } from '../arguments.ts';
import { chain, type MaybePromise } from '../maybe-promise.ts';
import type { EnvRegistration } from '../registry.ts';
import type { EnvSlot } from '../session/env-slot.ts';
import { closeSlots, makeSlots } from '../session/local-envs.ts';
import { Control, callKinds } from './control.ts';
import { packError, unpackDict } from './portable.ts';
import { RowWriter } from './row-writer.ts';
import { rowsIn } from './shared-rows.ts';
import type { ThreadData, ThreadReply, ThreadRequest } from './thread-messages.ts';

/* Entry of the worker threads that ThreadedEnvs starts: each makes a share of a session's environments and waits,
   blocked, for calls. */

type Reply = MaybePromise<ThreadReply | undefined>;

async function importRegistration({ envId, module }: ThreadData): Promise<EnvRegistration> {
  const exports = (await import(module.url)) as Readonly<Record<string, unknown>>;
  const exported = exports[module.exportName];
  const registrations = (Array.isArray(exported) ? exported : [exported]) as readonly EnvRegistration[];
  const registration = registrations.find((candidate) => candidate?.id === envId);
  if (registration !== undefined) return registration;
  throw new GymwireError(
    'ENV_FAILED',
    `${envId}: expected its registration in the export ${module.exportName} of ${module.url}; it is not there`,
  );
}

class EnvThread {
  readonly #data: ThreadData;
  #slots: readonly EnvSlot[] = [];
  #spaces: ThreadReply['made'];
  #writer: RowWriter | undefined;

  constructor(data: ThreadData) {
    this.#data = data;
  }

  async make(): Promise<ThreadReply> {
    const registration = await importRegistration(this.#data);
    const { given, copies, maxEpisodeSteps, autoresetMode } = this.#data;
    const plain = unpackDict(given);
    const args = resolveArguments(registration.id, registration.arguments ?? [], plain);
    const plan = { registration, given: plain, args, copies, maxEpisodeSteps, autoresetMode };
    const { slots, first } = await makeSlots(plan);
    this.#slots = slots;
    this.#spaces = { observationSpace: first.observationSpace, actionSpace: first.actionSpace };
    return { made: this.#spaces };
  }

  step(): Reply {
    return this.#rows().step();
  }

  carryOut(request: ThreadRequest): Reply {
    switch (request.kind) {
      case 'share':
        return this.#share(request.memory, request.count);
      case 'reset':
        return this.#rows().reset(request.resets);
      case 'step':
        return this.#rows().step(request.actions);
      case 'render': {
        const frame = this.#slots[request.index - this.#data.first].render();
        return chain(frame, ({ width, height, data }) => ({ frame: { width, height, data: data.slice() } }));
      }
      case 'close':
        return closeSlots(this.#slots).then(() => undefined);
    }
  }

  #share(memory: SharedArrayBuffer, count: number): undefined {
    if (this.#spaces === undefined) throw new Error('share came before make');
    this.#writer = new RowWriter(this.#slots, this.#data.first, rowsIn(memory, { count, ...this.#spaces }));
  }

  #rows(): RowWriter {
    if (this.#writer === undefined) throw new Error('a call came before share');
    return this.#writer;
  }
}

/** Never throws: what fails is in the reply. */
async function guarded(data: ThreadData, task: () => Reply): Promise<ThreadReply | undefined> {
  try {
    return await task();
  } catch (thrown) {
    return { faults: [{ index: data.first, error: packError(thrown) }] };
  }
}

/** Finishes the call that made the thread, then one call after another, until the thread is terminated. */
async function main(data: ThreadData, wakeCaller: () => void): Promise<void> {
  const control = new Control(data.control);
  const envs = new EnvThread(data);
  const finish = (reply: ThreadReply | undefined) => {
    if (reply !== undefined) data.port.postMessage(reply);
    if (control.finish(data.thread, reply !== undefined)) wakeCaller();
  };
  finish(await guarded(data, () => envs.make()));
  for (let answered = 0; ; answered++) {
    const call = control.wait(data.thread, answered);
    // Also where a step is over at once: what it left to microtasks is done before the thread sleeps again.
    if (call === callKinds.step) finish(await envs.step());
    else finish(await guarded(data, () => envs.carryOut(receive(data.port))));
  }
}

function receive(requests: MessagePort): ThreadRequest {
  return receiveMessageOnPort(requests)?.message as ThreadRequest;
}

const port = parentPort;
if (port !== null) await main(workerData as ThreadData, () => port.postMessage(null));
