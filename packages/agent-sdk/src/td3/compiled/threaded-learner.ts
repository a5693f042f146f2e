import { Worker } from 'node:worker_threads';
import { AgentError } from '../../errors.ts';
import type { Batch, Learner, LearnerMetrics, LearnerOptions } from '../learner.ts';
import type { LearnerState, NetworkState } from '../network-state.ts';
import { checkLearnerState, checkUpdate } from '../shape-checks.ts';
import type { ThreadData, ThreadRequest, ThreadResponse, ThreadResults } from './thread-messages.ts';
import { Turns } from './turns.ts';
import { packUpdateArguments, updateArgumentsLength } from './update-arguments.ts';

/** Computes in a worker thread of its own, so that the calling thread goes on with its I/O meanwhile. */
export async function createThreadedLearner(
  options: LearnerOptions,
  initial: LearnerState,
): Promise<Learner> {
  checkLearnerState(initial, options);
  const batch = new SharedArrayBuffer(updateArgumentsLength(options) * Float32Array.BYTES_PER_ELEMENT);
  const workerData: ThreadData = { options, initial, batch };
  const worker = new Worker(new URL('./learner-thread.js', import.meta.url), { workerData });
  const thread = new LearnerThread(worker);
  const description = await thread.started();
  return new ThreadedLearner(`${description}, in a thread`, options, thread, new Float32Array(batch));
}

class ThreadedLearner implements Learner {
  readonly description: string;
  readonly #options: LearnerOptions;
  readonly #thread: LearnerThread;
  /** In shared memory. */
  readonly #batch: Float32Array;
  readonly #turns = new Turns();
  #isDisposed = false;

  constructor(description: string, options: LearnerOptions, thread: LearnerThread, batch: Float32Array) {
    this.description = description;
    this.#options = options;
    this.#thread = thread;
    this.#batch = batch;
  }

  update(batch: Batch, targetNoise: Float32Array): Promise<void> {
    return this.#inTurn(() => {
      checkUpdate(batch, targetNoise, this.#options);
      packUpdateArguments(batch, targetNoise, this.#batch);
      return this.#thread.ask({ kind: 'update' });
    });
  }

  readMetrics(): Promise<LearnerMetrics> {
    return this.#inTurn(() => this.#thread.ask({ kind: 'readMetrics' }));
  }

  actorWeights(): Promise<NetworkState> {
    return this.#inTurn(() => this.#thread.ask({ kind: 'actorWeights' }));
  }

  exportState(): Promise<LearnerState> {
    return this.#inTurn(() => this.#thread.ask({ kind: 'exportState' }));
  }

  importState(state: LearnerState): Promise<void> {
    return this.#inTurn(() => {
      checkLearnerState(state, this.#options);
      return this.#thread.ask({ kind: 'importState', state });
    });
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.#turns.take(() => this.#thread.stop());
  }

  async #inTurn<T>(task: () => Promise<T>): Promise<T> {
    if (this.#isDisposed) throw new AgentError('DISPOSED', `${this.description}: used after dispose()`);
    return this.#turns.take(task);
  }
}

type Answer = Extract<ThreadResponse, { kind: 'done' }>['value'];

interface Pending {
  readonly resolve: (value: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** One question at a time to the thread, and what becomes of it when the thread dies. */
class LearnerThread {
  readonly #worker: Worker;
  #pending: Pending | undefined;
  #death: AgentError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (response: ThreadResponse) => this.#settle(response));
    worker.on('error', (cause) => this.#die('the learner thread failed', cause));
    worker.on('exit', (exitCode) => this.#die(`the learner thread ended with exit code ${exitCode}`));
  }

  /** @returns the learner's description */
  async started(): Promise<string> {
    try {
      return (await this.#answer()) as string;
    } catch (error) {
      await this.#worker.terminate();
      throw error;
    }
  }

  async ask<R extends ThreadRequest>(request: R): Promise<ThreadResults[R['kind']]> {
    if (this.#death !== undefined) throw this.#death;
    this.#worker.postMessage(request);
    return (await this.#answer()) as ThreadResults[R['kind']];
  }

  async stop(): Promise<void> {
    if (this.#death === undefined) await this.ask({ kind: 'dispose' });
    this.#worker.removeAllListeners('exit');
    await this.#worker.terminate();
  }

  /** The thread keeps the process alive only while it owes an answer. */
  #answer(): Promise<Answer> {
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
    });
  }

  #settle(response: ThreadResponse): void {
    const pending = this.#take();
    if (response.kind === 'done') return pending?.resolve(response.value);
    const { code, message, stack } = response;
    const error = code === undefined ? new Error(message) : new AgentError(code, message);
    if (stack !== undefined) error.stack = stack;
    pending?.reject(error);
  }

  #die(message: string, cause?: unknown): void {
    this.#death ??= new AgentError('TRAINING_FAILED', message, { cause });
    this.#take()?.reject(this.#death);
  }

  #take(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#worker.unref();
    return pending;
  }
}
