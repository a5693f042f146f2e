import { Worker } from 'node:worker_threads';
import { AgentError } from '../../errors.ts';
import type { Batch, Learner, LearnerMetrics, LearnerOptions } from '../learner.ts';
import type { LearnerState, NetworkState } from '../network-state.ts';
import { checkLearnerState, checkUpdate } from '../shape-checks.ts';
import type { CompiledDiagnostics } from './diagnostics.ts';
import { packBatch } from './pack-batch.ts';
import { unpackNetwork } from './parameter-layout.ts';
import { ThreadClient } from './thread-client.ts';
import type { ThreadData } from './thread-messages.ts';
import { Turns } from './turns.ts';
import { layOutNetworks, layOutUpdateVector, type UpdateVector } from './update-vector.ts';

/** Computes in a worker thread of its own, so that the calling thread goes on with its I/O meanwhile. */
export async function createThreadedLearner(
  options: LearnerOptions,
  initial: LearnerState,
  diagnostics?: CompiledDiagnostics,
): Promise<Learner> {
  checkLearnerState(initial, options);
  const vector = layOutUpdateVector(options, options.batchSize);
  const layout = layOutNetworks(options).actor;
  const batch = sharedMemory(vector.batch.length);
  const actor = sharedMemory(layout.smallLength + layout.largeLength);
  const workerData: ThreadData = { options, initial, diagnostics, batch, actor };
  const worker = new Worker(new URL('./learner-thread.js', import.meta.url), { workerData });
  const thread = new ThreadClient(worker);
  const description = await thread.started();
  const values = new Float32Array(actor);
  const arrays = {
    small: values.subarray(0, layout.smallLength),
    large: values.subarray(layout.smallLength),
  };
  // From shared memory: as a message the weights would cost a good part of an update.
  const readActor = () => unpackNetwork(layout, arrays);
  const shared = { batch: new Float32Array(batch), vector, readActor };
  return new ThreadedLearner(`${description}, in a thread`, options, thread, shared);
}

function sharedMemory(length: number): SharedArrayBuffer {
  return new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT);
}

/** What both threads see. */
interface Shared {
  /** Laid out as `vector.batch`. */
  readonly batch: Float32Array;
  readonly vector: UpdateVector;
  readonly readActor: () => NetworkState;
}

class ThreadedLearner implements Learner {
  readonly description: string;
  readonly #options: LearnerOptions;
  readonly #thread: ThreadClient;
  readonly #shared: Shared;
  readonly #turns = new Turns();
  #isDisposed = false;

  constructor(description: string, options: LearnerOptions, thread: ThreadClient, shared: Shared) {
    this.description = description;
    this.#options = options;
    this.#thread = thread;
    this.#shared = shared;
  }

  update(batch: Batch, targetNoise: Float32Array): Promise<void> {
    return this.#inTurn(() => {
      checkUpdate(batch, targetNoise, this.#options);
      packBatch(batch, targetNoise, 0, this.#shared.vector, this.#shared.batch);
      return this.#thread.ask({ kind: 'update' });
    });
  }

  readMetrics(): Promise<LearnerMetrics> {
    return this.#inTurn(() => this.#thread.ask({ kind: 'readMetrics' }));
  }

  actorWeights(): Promise<NetworkState> {
    return this.#inTurn(async () => {
      this.#thread.checkAlive();
      return this.#shared.readActor();
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
