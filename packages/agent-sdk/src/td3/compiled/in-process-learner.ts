import { AgentError } from '../../errors.ts';
import type { Batch, Learner, LearnerMetrics, LearnerOptions } from '../learner.ts';
import type { LearnerState, NetworkState } from '../network-state.ts';
import { checkLearnerState, checkUpdate } from '../shape-checks.ts';
import type { CompiledDiagnostics } from './diagnostics.ts';
import { LearnerGraphs } from './graphs/learner-graphs.ts';
import { LearnerMemory } from './memory/learner-memory.ts';
import { packBatch } from './memory/pack-batch.ts';
import type { NetworkArrays } from './memory/parameter-layout.ts';
import type { Role, Stretch } from './memory/update-vector.ts';
import type { RowExchange } from './threads/row-exchange.ts';
import { Turns } from './turns.ts';

/** A learner that has one of the critics, and where it meets the one that has the other. */
export interface Twin {
  readonly role: Exclude<Role, 'whole'>;
  readonly exchange: RowExchange;
}

/** Computes in the calling thread, which stands still meanwhile. */
export async function createInProcessLearner(
  options: LearnerOptions,
  initial: LearnerState,
  diagnostics: CompiledDiagnostics = {},
  twin?: Twin,
): Promise<InProcessLearner> {
  checkLearnerState(initial, options);
  const role = twin?.role ?? 'whole';
  const memory = new LearnerMemory(options, role, diagnostics);
  memory.importState(initial);
  const graphs = await LearnerGraphs.create(options, role, memory, diagnostics.profilePrefix);
  return new InProcessLearner(options, memory, graphs, twin);
}

export class InProcessLearner implements Learner {
  readonly description = 'compiled (onnxruntime-node)';
  readonly #options: LearnerOptions;
  readonly #memory: LearnerMemory;
  /** Where the graphs find the batch. */
  readonly #batch: Float32Array;
  readonly #graphs: LearnerGraphs;
  readonly #twin: Twin | undefined;
  readonly #turns = new Turns();
  #isDisposed = false;

  constructor(options: LearnerOptions, memory: LearnerMemory, graphs: LearnerGraphs, twin?: Twin) {
    this.#options = options;
    this.#memory = memory;
    this.#graphs = graphs;
    this.#twin = twin;
    this.#batch = this.#stretch(memory.vectorLayout.batch);
    // Nothing was measured yet.
    memory.criticsResult.fill(Number.NaN);
    memory.policyResult.fill(Number.NaN);
  }

  update(batch: Batch, targetNoise: Float32Array): Promise<void> {
    return this.#inTurn(async () => {
      checkUpdate(batch, targetNoise, this.#options);
      packBatch(batch, targetNoise, this.#memory.vectorLayout, this.#batch);
      await this.#run();
    });
  }

  /** `update` with its arguments as `packBatch` lays them out. */
  updatePacked(packed: Float32Array): Promise<void> {
    return this.#inTurn(async () => {
      // A copy: onnxruntime-node refuses shared memory.
      this.#batch.set(packed);
      await this.#run();
    });
  }

  /** Of a learner with one critic: criticLoss is its part of it, meanQ its own mean. */
  readMetrics(): Promise<LearnerMetrics> {
    return this.#inTurn(() => {
      const { steps, criticsResult, policyResult } = this.#memory;
      const rows = this.#options.batchSize;
      const rowFromEnd = (values: Float32Array, number: number) => {
        const start = values.length - number * rows;
        return values.subarray(start, start + rows);
      };
      const target = rowFromEnd(criticsResult, 1);
      const count = this.#memory.critics.length;
      const qs = Array.from({ length: count }, (_, i) => rowFromEnd(criticsResult, count + 1 - i));
      return {
        criticLoss: qs.reduce((sum, q) => sum + meanSquaredError(q, target), 0),
        actorLoss: -mean(rowFromEnd(policyResult, 1)),
        meanQ: mean(qs[0]),
        meanTarget: mean(target),
        gradientSteps: steps.gradient,
        policyUpdates: Math.floor(steps.gradient / this.#options.policyDelay),
      };
    });
  }

  /** Updates of actor and targets so far. */
  get policyUpdates(): number {
    return this.#memory.steps.actor;
  }

  /** As the graphs have them; they change with every policy update. */
  get liveActor(): { readonly actor: NetworkArrays; readonly actorTarget: NetworkArrays } {
    return this.#memory.networks;
  }

  actorWeights(): Promise<NetworkState> {
    return this.#inTurn(() => this.#memory.actor());
  }

  exportState(): Promise<LearnerState> {
    return this.#inTurn(() => this.#memory.exportState());
  }

  importState(state: LearnerState): Promise<void> {
    return this.#inTurn(() => {
      checkLearnerState(state, this.#options);
      this.#memory.importState(state);
    });
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.#turns.take(() => this.#graphs.dispose());
  }

  async #run(): Promise<void> {
    if (this.#twin === undefined) await this.#graphs.run('critics');
    else await this.#runOneCritic(this.#twin);
    this.#memory.updateCritics(this.#options);
    if (this.#memory.steps.gradient % this.#options.policyDelay !== 0) return;
    await this.#graphs.run('policy');
    this.#memory.updatePolicy(this.#options);
  }

  /** The smaller of both target critics' values needs the other learner's. */
  async #runOneCritic({ role, exchange }: Twin): Promise<void> {
    await this.#graphs.run('targets');
    const { nextQ1, nextQ2 } = this.#memory.vectorLayout.parts;
    const [own, other] = role === 'critic1' ? [nextQ1, nextQ2] : [nextQ2, nextQ1];
    exchange.swap(this.#stretch(own), this.#stretch(other));
    await this.#graphs.run('critic');
  }

  #stretch({ offset, length }: Stretch): Float32Array {
    return this.#memory.vector.subarray(offset, offset + length);
  }

  async #inTurn<T>(task: () => T | Promise<T>): Promise<T> {
    if (this.#isDisposed) throw new AgentError('DISPOSED', `${this.description}: used after dispose()`);
    return this.#turns.take(task);
  }
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function meanSquaredError(values: Float32Array, targets: Float32Array): number {
  return values.reduce((sum, value, i) => sum + (value - targets[i]) ** 2, 0) / values.length;
}
