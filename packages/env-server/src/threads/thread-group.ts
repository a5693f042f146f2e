/** The threads of one session: calls to them all at once, and what becomes of those when a thread dies. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { GymwireError } from '@gymwire/protocol';
import { Control, callKinds } from './control.ts';
import type { ThreadData, ThreadReply, ThreadRequest } from './thread-messages.ts';

/** A step whose actions are in the shared rows, or what a message says. */
export type ThreadCall = 'step' | ThreadRequest;

/** By thread; undefined where the thread had nothing to add or was not called. */
export type Replies = ReadonlyArray<ThreadReply | undefined>;

/** What a thread is started with, but for the group's own part. */
export type ThreadShare = Omit<ThreadData, 'thread' | 'control' | 'port'>;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: GymwireError) => void;
}

export class ThreadGroup {
  readonly #workers: readonly Worker[];
  readonly #ports: readonly MessagePort[];
  readonly #control: Control;
  #waiting: Waiting | undefined;
  #death: GymwireError | undefined;
  #isEnding = false;

  /** The threads make their environments at once; `made` waits for that. */
  constructor(shares: readonly ThreadShare[]) {
    this.#control = new Control(Control.memoryFor(shares.length));
    this.#control.expect(shares.length);
    const channels = shares.map(() => new MessageChannel());
    this.#ports = channels.map(({ port1 }) => port1);
    this.#workers = shares.map((share, thread) => this.#start(share, thread, channels[thread].port2));
  }

  /** @returns what the threads say of their environments, or the faults of those that have none */
  async made(): Promise<Replies> {
    await this.#over();
    return this.#collect(this.#workers.map((_, thread) => thread));
  }

  /**
   * @param calls one a thread; undefined: none. Some thread must be called, and only when no call is under way
   * @throws GymwireError ENV_FAILED when a thread dies meanwhile, SESSION_GONE when one has died before
   */
  async call(calls: ReadonlyArray<ThreadCall | undefined>): Promise<Replies> {
    if (this.#death !== undefined) {
      throw new GymwireError('SESSION_GONE', `the session cannot go on: ${this.#death.message}`);
    }
    const called = this.#ports.map((_, thread) => thread).filter((thread) => calls[thread] !== undefined);
    this.#control.expect(called.length);
    const over = this.#over();
    for (const thread of called) {
      const call = calls[thread];
      if (call !== 'step') this.#ports[thread].postMessage(call);
      this.#control.call(thread, call === 'step' ? callKinds.step : callKinds.message);
    }
    await over;
    return this.#collect(called);
  }

  /** Ends the threads, also those that are still busy. A second end does nothing. */
  async end(): Promise<void> {
    this.#isEnding = true;
    for (const port of this.#ports) port.close();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  get isDead(): boolean {
    return this.#death !== undefined;
  }

  #start(share: ThreadShare, thread: number, port: MessagePort): Worker {
    const workerData: ThreadData = { ...share, thread, control: this.#control.memory, port };
    const worker = new Worker(new URL('./env-thread.js', import.meta.url), {
      workerData,
      transferList: [port],
      name: `${share.envId} ${thread}`,
    });
    const last = share.first + share.copies - 1;
    const whose = `the thread of the environments ${share.first} to ${last}`;
    worker.on('message', () => this.#wake());
    worker.on('error', (cause) => this.#die(`${whose} failed: ${cause.message}`, cause));
    worker.on('exit', (code) => this.#die(`${whose} ended with exit code ${code}`));
    worker.unref();
    return worker;
  }

  /** A call that is under way keeps the process alive; threads that wait do not. */
  #over(): Promise<void> {
    const [anyWorker] = this.#workers;
    anyWorker?.ref();
    return new Promise<void>((resolve, reject) => {
      if (this.#death === undefined) this.#waiting = { resolve, reject };
      else reject(this.#death);
    });
  }

  #wake(): void {
    this.#workers[0]?.unref();
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  #collect(called: readonly number[]): Replies {
    const replies = new Array<ThreadReply | undefined>(this.#ports.length);
    for (const thread of called) {
      if (!this.#control.hasReply(thread)) continue;
      replies[thread] = receiveMessageOnPort(this.#ports[thread])?.message as ThreadReply;
    }
    return replies;
  }

  /** The others cannot go on without it: memory is freed at once. */
  #die(message: string, cause?: unknown): void {
    if (this.#isEnding || this.#death !== undefined) return;
    this.#death = new GymwireError('ENV_FAILED', message, { cause });
    this.#waiting?.reject(this.#death);
    this.#waiting = undefined;
    for (const worker of this.#workers) void worker.terminate();
  }
}
