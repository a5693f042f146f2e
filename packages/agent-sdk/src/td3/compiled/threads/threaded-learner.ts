import { Worker } from 'node:worker_threads';
import { AgentError } from '../../../errors.ts';
import type { Batch, Learner, LearnerMetrics, LearnerOptions, LearningRates } from '../../learner.ts';
import type { LearnerState, NetworkState } from '../../network-state.ts';
import { checkLearnerState, checkUpdate } from '../../shape-checks.ts';
import type { CompiledDiagnostics } from '../diagnostics.ts';
import { packBatch } from '../memory/pack-batch.ts';
import { unpackNetwork } from '../memory/parameter-layout.ts';
import { layOutNetworks, layOutUpdateVector, type UpdateVector } from '../memory/update-vector.ts';
import { Turns } from '../turns.ts';
import { createExchangeMemory, failExchange } from './row-exchange.ts';
import { ThreadClient } from './thread-client.ts';
import type { ThreadData, ThreadRequest, ThreadResults } from './thread-messages.ts';

/**
 * Computes in worker threads, so that the calling thread goes on with its I/O meanwhile.
 * @param threads two: one for each critic, and the actor on that of the first; the bits are the same
 */
export async function createThreadedLearner(
  options: LearnerOptions,
  initial: LearnerState,
  threads: 1 | 2,
  diagnostics?: CompiledDiagnostics,
): Promise<Learner> {
  checkLearnerState(initial, options);
  const layout = layOutNetworks(options).actor;
  const [actor, actorTarget] = [0, 0].map(() => sharedMemory(layout.smallLength + layout.largeLength)) as [
    SharedArrayBuffer,
    SharedArrayBuffer,
  ];
  const exchange = createExchangeMemory(options.batchSize);
  const start = (twin: ThreadData['twin']): LearnerThread => {
    const vector = layOutUpdateVector(options, twin?.role ?? 'whole');
    const batch = sharedMemory(vector.batch.length);
    const client = startThread({ options, initial, diagnostics, batch, actor, actorTarget, twin });
    return { client, vector, batch: new Float32Array(batch) };
  };
  const started =
    threads === 1
      ? [start(undefined)]
      : (['critic1', 'critic2'] as const).map((role) => start({ role, exchange }));
  const descriptions = await allStarted(started.map(({ client }) => client));
  const values = new Float32Array(actor);
  const arrays = {
    small: values.subarray(0, layout.smallLength),
    large: values.subarray(layout.smallLength),
  };
  const where = started.length === 1 ? 'a thread' : `${started.length} threads`;
  return new ThreadedLearner(`${descriptions[0]}, in ${where}`, options, started, {
    // From shared memory: as a message the weights would cost a good part of an update.
    readActor: () => unpackNetwork(layout, arrays),
    release: () => failExchange(exchange),
  });
}

function sharedMemory(length: number): SharedArrayBuffer {
  return new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT);
}

function startThread(workerData: ThreadData): ThreadClient {
  // No thread starts from a file with this flag, which is about a program on the command line.
  const isTyped = process.execArgv.some((flag) => /^--input-type(=|$)/.test(flag));
  const entry = new URL('./learner-thread.js', import.meta.url);
  return new ThreadClient(new Worker(entry, { workerData, ...(isTyped && { execArgv: [] }) }));
}

/** Waits until all threads have started; where one cannot, none stays behind. @returns their descriptions */
async function allStarted(clients: readonly ThreadClient[]): Promise<string[]> {
  const results = await Promise.allSettled(clients.map((client) => client.started()));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure === undefined)
    return results.map((result) => (result.status === 'fulfilled' ? result.value : ''));
  for (const client of clients) await client.terminate();
  throw failure.reason;
}

interface LearnerThread {
  readonly client: ThreadClient;
  readonly vector: UpdateVector;
  /** What both sides see, laid out as `vector.batch`. */
  readonly batch: Float32Array;
}

interface SharedAccess {
  readonly readActor: () => NetworkState;
  /** Lets a thread go that waits for one that has failed. */
  readonly release: () => void;
}

class ThreadedLearner implements Learner {
  readonly description: string;
  readonly #options: LearnerOptions;
  readonly #threads: readonly LearnerThread[];
  readonly #shared: SharedAccess;
  readonly #turns = new Turns();
  #isDisposed = false;

  constructor(
    description: string,
    options: LearnerOptions,
    threads: readonly LearnerThread[],
    shared: SharedAccess,
  ) {
    this.description = description;
    this.#options = options;
    this.#threads = threads;
    this.#shared = shared;
  }

  update(batch: Batch, targetNoise: Float32Array): Promise<void> {
    return this.#inTurn(async () => {
      checkUpdate(batch, targetNoise, this.#options);
      for (const thread of this.#threads) packBatch(batch, targetNoise, thread.vector, thread.batch);
      await this.#askAll({ kind: 'update' });
    });
  }

  readMetrics(): Promise<LearnerMetrics> {
    return this.#inTurn(async () => {
      const [first, second] = await this.#askAll({ kind: 'readMetrics' });
      // Of the rest the first thread knows all.
      const criticLoss = (first?.criticLoss ?? Number.NaN) + (second?.criticLoss ?? 0);
      return { ...first, criticLoss };
    });
  }

  actorWeights(): Promise<NetworkState> {
    return this.#inTurn(async () => {
      for (const { client } of this.#threads) client.checkAlive();
      return this.#shared.readActor();
    });
  }

  exportState(): Promise<LearnerState> {
    return this.#inTurn(async () => {
      const [first, second] = await this.#askAll({ kind: 'exportState' });
      return second === undefined ? first : withSecondCritic(first, second);
    });
  }

  importState(state: LearnerState): Promise<void> {
    return this.#inTurn(async () => {
      checkLearnerState(state, this.#options);
      await this.#askAll({ kind: 'importState', state });
    });
  }

  setLearningRates(rates: LearningRates): Promise<void> {
    return this.#inTurn(async () => {
      await this.#askAll({ kind: 'setLearningRates', rates });
    });
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.#turns.take(async () => {
      // One that dies of it must not leave the other behind.
      const stopped = await Promise.allSettled(this.#threads.map(({ client }) => client.stop()));
      for (const result of stopped) if (result.status === 'rejected') throw result.reason;
    });
  }

  /**
   * Answers when all threads have; one that failed must not be waited for by the other.
   * @throws what failed first: what follows from it says less
   */
  async #askAll<R extends ThreadRequest>(request: R): Promise<ThreadResults[R['kind']][]> {
    const failures: unknown[] = [];
    const ask = async ({ client }: LearnerThread) => {
      try {
        return await client.ask(request);
      } catch (error) {
        failures.push(error);
        if (request.kind === 'update') this.#shared.release();
        throw error;
      }
    };
    const answers = await Promise.allSettled(this.#threads.map(ask));
    return answers.map((answer) => {
      if (answer.status === 'rejected') throw failures[0];
      return answer.value;
    });
  }

  async #inTurn<T>(task: () => Promise<T>): Promise<T> {
    if (this.#isDisposed) throw new AgentError('DISPOSED', `${this.description}: used after dispose()`);
    return this.#turns.take(task);
  }
}

/** What each thread's state has that the other's lacks. */
function withSecondCritic(first: LearnerState, second: LearnerState): LearnerState {
  return {
    ...first,
    critics: [first.critics[0], second.critics[1]],
    criticTargets: [first.criticTargets[0], second.criticTargets[1]],
    criticAdams: [first.criticAdams[0], second.criticAdams[1]],
  };
}
