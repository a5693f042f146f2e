/** A worker thread for what takes too long in a thread that serves clients: one job after the other. */
import { type MessagePort, type Transferable, Worker } from 'node:worker_threads';
import { type PortableError, packError, threadFlags, unpackError } from '@gymwire/env/host';
import { GymwireError, messageOf } from '@gymwire/protocol';

/** What a job came to, and what of it is moved instead of copied. */
export interface HelperResult<Result> {
  readonly result: Result;
  readonly transfer?: readonly Transferable[];
}

type Reply<Result> =
  | { readonly result: Result }
  /** `isLast`: the thread can do nothing more. */
  | { readonly error: PortableError; readonly isLast: boolean };

interface Waiting<Job, Result> {
  readonly job: Job;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

/** A thread without work ends after this long, and gives back its memory. */
const IDLE_MS = 30_000;

/** Starts its thread when there is work. A thread that waits does not keep the process. */
export class HelperThread<Job, Result> {
  readonly #entry: URL;
  /** What it does, for errors: "compiles models". */
  readonly #task: string;
  readonly #idleMs: number;
  readonly #queue: Array<Waiting<Job, Result>> = [];
  #current: Waiting<Job, Result> | undefined;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(entry: URL, task: string, idleMs: number = IDLE_MS) {
    this.#entry = entry;
    this.#task = task;
    this.#idleMs = idleMs;
  }

  /** @throws what the job throws; GymwireError ENV_FAILED when the thread ends before it is done */
  ask(job: Job): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      if (this.#current === undefined) this.#next();
    });
  }

  #next(): void {
    this.#current = this.#queue.shift();
    clearTimeout(this.#idle);
    if (this.#current === undefined) {
      this.#worker?.unref();
      this.#idle = setTimeout(() => this.#letGo(), this.#idleMs).unref();
      return;
    }
    try {
      this.#worker ??= this.#start();
      this.#worker.ref();
      this.#worker.postMessage(this.#current.job);
    } catch (error) {
      // After this turn: where no thread can be started, each job behind it fails in the same way.
      queueMicrotask(() => this.#fail(error instanceof Error ? error : new Error(String(error))));
    }
  }

  #letGo(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** The job under way; those behind it are done all the same. */
  #fail(error: Error): void {
    const waiting = this.#current;
    this.#next();
    waiting?.reject(error);
  }

  /** @throws GymwireError ENV_FAILED when the system has no thread left, or no memory for one */
  #create(): Worker {
    try {
      return new Worker(this.#entry, { name: `gymwire: ${this.#task}`, ...threadFlags(process.execArgv) });
    } catch (cause) {
      const message = `the thread that ${this.#task} could not be started: ${messageOf(cause)}`;
      throw new GymwireError('ENV_FAILED', message, { cause });
    }
  }

  #start(): Worker {
    const worker = this.#create();
    let cause: Error | undefined;
    worker.on('message', (reply: Reply<Result>) => {
      if (this.#worker !== worker) return;
      if ('result' in reply) {
        const waiting = this.#current;
        this.#next();
        waiting?.resolve(reply.result);
        return;
      }
      if (reply.isLast) this.#letGo();
      this.#fail(unpackError(reply.error));
    });
    worker.on('error', (error: Error) => {
      cause = error;
    });
    worker.on('exit', (code) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      const why = cause === undefined ? `exit code ${code}` : cause.message;
      this.#fail(new GymwireError('ENV_FAILED', `the thread that ${this.#task} ended: ${why}`, { cause }));
    });
    return worker;
  }
}

/**
 * The other side: in the worker's entry, with its `parentPort`.
 * @param isLast whether the thread can do nothing more after what a job threw
 */
export function answerAsHelper<Job, Result>(
  port: MessagePort,
  carryOut: (job: Job) => HelperResult<Result> | Promise<HelperResult<Result>>,
  isLast: (thrown: unknown) => boolean = () => false,
): void {
  const tell = (reply: Reply<Result>, transfer: readonly Transferable[] = []) =>
    port.postMessage(reply, [...transfer]);
  const answer = async (job: Job): Promise<void> => {
    try {
      const { result, transfer } = await carryOut(job);
      tell({ result }, transfer);
    } catch (thrown) {
      tell({ error: packError(thrown), isLast: isLast(thrown) });
    }
  };
  port.on('message', (job: Job) => void answer(job));
}
