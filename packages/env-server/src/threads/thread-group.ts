/** The threads of one session: calls to them all at once, and what becomes of those when a thread dies. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { threadFlags } from '@gymwire/env/host';
import { GymwireError, messageOf } from '@gymwire/protocol';
import type { Death } from '../slots/session-envs.ts';
import { Control, callKinds } from './control.ts';
import type { HostCall, HostGroup, Replies } from './host-group.ts';
import { HostLife } from './host-life.ts';
import type { Doorbell, HostData, HostReply, ThreadData } from './host-messages.ts';
import { type RowShape, rowsByteLength, rowsIn, type SharedRows } from './shared-rows.ts';

export interface ThreadGroupOptions {
  /** Between two calls the threads stand still, detach included: for simulators that do nothing meanwhile. */
  readonly sleeps: boolean;
  /** Memory of each thread's JavaScript; undefined: as much as the process has. */
  readonly maxMemoryMb?: number | undefined;
  /** Takes what the simulators print; undefined: it is printed. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
}

function kindOf(call: HostCall | undefined): number {
  if (call === 'step') return callKinds.step;
  return call === 'seeded-step' ? callKinds.seededStep : callKinds.message;
}

export class ThreadGroup implements HostGroup {
  readonly #options: ThreadGroupOptions;
  readonly #workers: readonly Worker[];
  readonly #ports: readonly MessagePort[];
  readonly #control: Control;
  readonly #life = new HostLife<void>();

  /**
   * The threads make their environments at once; `made` waits for that.
   * @throws GymwireError ENV_FAILED when the system has no thread left, or no memory for one
   */
  constructor(shares: readonly HostData[], options: ThreadGroupOptions) {
    this.#options = options;
    this.#control = new Control(Control.memoryFor(shares.length));
    this.#control.expect(shares.length);
    const channels = shares.map(() => new MessageChannel());
    this.#ports = channels.map(({ port1 }) => port1);
    const workers: Worker[] = [];
    this.#workers = workers;
    try {
      for (const [thread, share] of shares.entries()) {
        workers.push(this.#start(share, thread, channels[thread].port2));
      }
    } catch (cause) {
      void this.end();
      const message = `a thread for the simulator could not be started: ${messageOf(cause)}`;
      throw new GymwireError('ENV_FAILED', message, { cause });
    }
  }

  get size(): number {
    return this.#workers.length;
  }

  get death(): Promise<Death> {
    return this.#life.death;
  }

  async made(): Promise<Replies> {
    await this.#over();
    return this.#collect(this.#workers.map((_, thread) => thread));
  }

  async share(shape: RowShape): Promise<SharedRows> {
    const memory = new SharedArrayBuffer(rowsByteLength(shape));
    await this.call(this.#workers.map(() => ({ kind: 'share', count: shape.count, memory })));
    return rowsIn(memory, shape);
  }

  async call(calls: ReadonlyArray<HostCall | undefined>): Promise<Replies> {
    const called = this.#ports.map((_, thread) => thread).filter((thread) => calls[thread] !== undefined);
    if (!this.#life.isOver) this.#control.expect(called.length);
    const over = this.#over();
    for (const thread of called) this.#ring(thread, calls[thread]);
    await over;
    return this.#collect(called);
  }

  detach(): void {
    if (this.#options.sleeps) return;
    for (const worker of this.#workers) worker.postMessage('detach' satisfies Doorbell);
  }

  /** Nothing is left to be done in a thread whose environments are closed. */
  leave(): Promise<void> {
    return this.end();
  }

  async end(): Promise<void> {
    this.#life.end();
    for (const port of this.#ports) port.close();
    await this.#terminate();
  }

  #start(share: HostData, thread: number, port: MessagePort): Worker {
    const { sleeps, maxMemoryMb, onOutput } = this.#options;
    const workerData: ThreadData = {
      ...share,
      thread,
      control: this.#control.memory,
      port,
      sleeps,
      maxMemoryMb,
    };
    const worker = new Worker(new URL('./env-thread.js', import.meta.url), {
      workerData,
      transferList: [port],
      name: `${share.envId} ${thread}`,
      ...threadFlags(process.execArgv),
      ...(maxMemoryMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb } }),
      ...(onOutput !== undefined && { stdout: true, stderr: true }),
    });
    for (const stream of ['stdout', 'stderr'] as const) {
      if (onOutput !== undefined) worker[stream].on('data', (chunk: Buffer) => onOutput(stream, chunk));
    }
    const last = share.first + share.copies - 1;
    const whose =
      this.#ports.length === 1
        ? "the simulator's thread"
        : `the thread of the environments ${share.first} to ${last}`;
    // Code of users may send messages of its own: only the last thread to finish counts.
    worker.on('message', () => {
      if (this.#control.isOver) this.#wake();
    });
    worker.on('error', (cause: unknown) => this.#die(`${whose} failed: ${messageOf(cause)}`, cause));
    worker.on('exit', (code) => this.#die(`${whose} ended with exit code ${code}`));
    worker.unref();
    return worker;
  }

  /** A call that is under way keeps the process alive; threads that wait do not. */
  #over(): Promise<void> {
    this.#workers[0]?.ref();
    return this.#life.answered();
  }

  #wake(): void {
    this.#workers[0]?.unref();
    this.#life.answer();
  }

  #ring(thread: number, call: HostCall | undefined): void {
    if (typeof call === 'object') this.#ports[thread].postMessage(call);
    this.#control.call(thread, kindOf(call));
    if (!this.#options.sleeps) this.#workers[thread].postMessage('call' satisfies Doorbell);
  }

  #collect(called: readonly number[]): Replies {
    const replies = new Array<HostReply | undefined>(this.#ports.length);
    for (const thread of called) {
      if (!this.#control.hasReply(thread)) continue;
      replies[thread] = receiveMessageOnPort(this.#ports[thread])?.message as HostReply;
    }
    return replies;
  }

  /** The others cannot go on without it: memory is freed at once. */
  #die(message: string, cause?: unknown): void {
    if (!this.#life.die(message, cause)) return;
    void this.#terminate();
  }

  async #terminate(): Promise<void> {
    this.#control.end(this.#workers.length);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
