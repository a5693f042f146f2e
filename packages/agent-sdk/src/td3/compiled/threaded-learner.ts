import { Worker } from 'node:worker_threads';
import { AgentError } from '../../errors.ts';
import type { Batch, Learner, LearnerMetrics, LearnerOptions } from '../learner.ts';
import type { LearnerState, NetworkState } from '../network-state.ts';
import { checkLearnerState, checkUpdate } from '../shape-checks.ts';
import type { CompiledDiagnostics } from './diagnostics.ts';
import { unpackNetworks } from './parameter-layout.ts';
import { ThreadClient } from './thread-client.ts';
import type { ThreadData } from './thread-messages.ts';
import { layOutNetworks } from './traced-update.ts';
import { Turns } from './turns.ts';
import { packUpdateArguments, updateArgumentsLength } from './update-arguments.ts';

/** Computes in a worker thread of its own, so that the calling thread goes on with its I/O meanwhile. */
export async function createThreadedLearner(
  options: LearnerOptions,
  initial: LearnerState,
  diagnostics?: CompiledDiagnostics,
): Promise<Learner> {
  checkLearnerState(initial, options);
  const batch = new SharedArrayBuffer(updateArgumentsLength(options) * Float32Array.BYTES_PER_ELEMENT);
  const layout = layOutNetworks(options).actor;
  const actor = new SharedArrayBuffer(layout.length * Float32Array.BYTES_PER_ELEMENT);
  const workerData: ThreadData = { options, initial, diagnostics, batch, actor };
  const worker = new Worker(new URL('./learner-thread.js', import.meta.url), { workerData });
  const thread = new ThreadClient(worker);
  const description = await thread.started();
  const shared = { batch: new Float32Array(batch), actor: new Float32Array(actor) };
  // From shared memory: as a message the weights would cost a good part of an update.
  const readActor = () => unpackNetworks(layout, shared.actor)[0] as NetworkState;
  return new ThreadedLearner(`${description}, in a thread`, options, thread, shared.batch, readActor);
}

class ThreadedLearner implements Learner {
  readonly description: string;
  readonly #options: LearnerOptions;
  readonly #thread: ThreadClient;
  /** In shared memory. */
  readonly #batch: Float32Array;
  readonly #readActor: () => NetworkState;
  readonly #turns = new Turns();
  #isDisposed = false;

  constructor(
    description: string,
    options: LearnerOptions,
    thread: ThreadClient,
    batch: Float32Array,
    readActor: () => NetworkState,
  ) {
    this.description = description;
    this.#options = options;
    this.#thread = thread;
    this.#batch = batch;
    this.#readActor = readActor;
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
    return this.#inTurn(async () => {
      this.#thread.checkAlive();
      return this.#readActor();
    });
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
