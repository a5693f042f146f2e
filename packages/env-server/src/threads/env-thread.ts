import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { packError, unpackError } from '@gymwire/env/host';
import { Control, callKinds } from './control.ts';
import { EnvHost } from './env-host.ts';
import type { Doorbell, HostReply, HostRequest, ThreadData } from './host-messages.ts';
import { MemoryWatch } from './memory-watch.ts';
import { limitOutput } from './output-limit.ts';

/* Entry of the worker threads that ThreadGroup starts: each makes a share of a session's environments, then carries
   out one call after the other until it is terminated. */

/** Timers go no further. */
const longestMs = 2 ** 31 - 1;

class EnvThread {
  readonly #data: ThreadData;
  readonly #parent: MessagePort;
  readonly #control: Control;
  readonly #host: EnvHost;
  #answered = 0;

  constructor(data: ThreadData, parent: MessagePort) {
    this.#data = data;
    this.#parent = parent;
    this.#control = new Control(data.control);
    this.#host = new EnvHost(data);
  }

  /** The call that made the thread. */
  async make(): Promise<void> {
    this.#finish(await this.#host.make());
  }

  /** Between two calls the thread stands still. Returns when the group has ended. */
  async serveAsleep(): Promise<void> {
    const next = () => this.#control.wait(this.#data.thread, this.#answered);
    for (let kind = next(); kind !== undefined; kind = next()) await this.#answer(kind);
  }

  /** Between two calls timers, sockets and what they throw have their way. */
  serveAwake(): void {
    const memory = new MemoryWatch(this.#data.maxMemoryMb);
    const answer = async (kind: number) => {
      await this.#answer(kind);
      memory.look();
    };
    this.#parent.on('message', (bell: Doorbell) => {
      if (bell === 'detach') return this.#host.detach();
      // A step that is over at once is answered at once; a fault of the thread's own comes to light as uncaught.
      const kind = this.#control.called(this.#data.thread, this.#answered);
      if (kind !== undefined) void answer(kind);
    });
  }

  async #answer(kind: number): Promise<void> {
    this.#answered += 1;
    // Also where a step is over at once: what it left to microtasks is done before a thread sleeps again.
    if (kind === callKinds.message) this.#finish(await this.#host.carryOut(receive(this.#data.port)));
    else this.#finish(await this.#host.step(kind === callKinds.seededStep));
  }

  #finish(reply: HostReply | undefined): void {
    if (reply !== undefined) this.#data.port.postMessage(reply);
    if (this.#control.finish(this.#data.thread, reply !== undefined)) this.#parent.postMessage(null);
  }
}

function receive(requests: MessagePort): HostRequest {
  return receiveMessageOnPort(requests)?.message as HostRequest;
}

/** What nobody caught travels as Node sends it, with texts of any length: this thread ends with as much as can be told. */
function failShortly(thrown: unknown): void {
  // Whoever listens besides has dealt with it.
  if (process.listenerCount('uncaughtException') === 1) throw unpackError(packError(thrown));
}

if (parentPort !== null) {
  process.on('uncaughtException', failShortly);
  const data = workerData as ThreadData;
  if (!data.sleeps) for (const stream of [process.stdout, process.stderr]) limitOutput(stream);
  const thread = new EnvThread(data, parentPort);
  // A call that waits for what will never come would leave the thread with nothing to do: its limit ends it, not Node.
  const stays = setInterval(() => undefined, longestMs);
  await thread.make();
  if (data.sleeps) {
    await thread.serveAsleep();
    clearInterval(stays);
  } else thread.serveAwake();
}
