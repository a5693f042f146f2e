import type { Worker } from 'node:worker_threads';
import { messageOf } from '@gymwire/protocol';
import { AgentError } from '../../../errors.ts';
import type { ThreadRequest, ThreadResponse, ThreadResults } from './thread-messages.ts';

type Answer = Extract<ThreadResponse, { kind: 'done' }>['value'];

interface Pending {
  readonly resolve: (value: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** One question at a time to the thread, and what becomes of it when the thread dies. */
export class ThreadClient {
  readonly #worker: Worker;
  #pending: Pending | undefined;
  #death: AgentError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (response: ThreadResponse) => this.#settle(response));
    worker.on('error', (cause: unknown) =>
      this.#die(`the learner thread failed: ${messageOf(cause)}`, cause),
    );
    worker.on('exit', (exitCode) => this.#die(`the learner thread ended with exit code ${exitCode}`));
  }

  /** Waits until the learner stands. @returns its description @throws AgentError as it could not be made */
  async started(): Promise<string> {
    return (await this.#answer()) as string;
  }

  /** Ends the thread; not while it computes: onnxruntime-node would take the whole process with it. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Throws what ended the thread, if it has died. @throws AgentError TRAINING_FAILED */
  checkAlive(): void {
    if (this.#death !== undefined) throw this.#death;
  }

  async ask<R extends ThreadRequest>(request: R): Promise<ThreadResults[R['kind']]> {
    this.checkAlive();
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
