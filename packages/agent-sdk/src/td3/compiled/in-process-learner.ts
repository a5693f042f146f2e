import { AgentError } from '../../errors.ts';
import type { Batch, Learner, LearnerMetrics, LearnerOptions, LearningRates } from '../learner.ts';
import type { LearnerState, NetworkState } from '../network-state.ts';
import { checkLearnerState, checkUpdate } from '../shape-checks.ts';
import type { CompiledDiagnostics } from './diagnostics.ts';
import { LearnerGraphs } from './graphs/learner-graphs.ts';
import { LearnerMemory } from './memory/learner-memory.ts';
import { packBatch } from './memory/pack-batch.ts';
import type { NetworkArrays } from './memory/parameter-layout.ts';
import type { Role } from './memory/update-vector.ts';
import { type UpdateParts, update, updateGraphs } from './td3-update.ts';
import { Turns } from './turns.ts';

/** A learner that has one of the critics, and how it hears from the one that has the other. */
export interface Twin {
  readonly role: Exclude<Role, 'whole'>;
  /** Hands this learner's row in and fills `other` with the other's. */
  readonly swap: (own: Float32Array, other: Float32Array) => void;
}

/**
 * Makes a learner that computes in the calling thread, which stands still meanwhile.
 * @param twin where it has one of the critics only
 * @throws AgentError SHAPE_MISMATCH, BACKEND_UNAVAILABLE
 */
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
  const graphs = await LearnerGraphs.create(options, role, updateGraphs, memory, diagnostics.profilePrefix);
  const learningRates = { actor: options.actorLearningRate, critic: options.criticLearningRate };
  return new InProcessLearner({ options, memory, graphs, learningRates, swap: twin?.swap });
}

/** The learner around the update: calls in their order, metrics, and all state in and out. */
export class InProcessLearner implements Learner {
  readonly description = 'compiled (onnxruntime-node)';
  readonly #parts: UpdateParts;
  readonly #options: LearnerOptions;
  readonly #memory: LearnerMemory;
  readonly #turns = new Turns();
  #isDisposed = false;

  constructor(parts: UpdateParts) {
    const { options, memory } = parts;
    this.#parts = parts;
    this.#options = options;
    this.#memory = memory;
    // Nothing was measured yet.
    memory.criticsResult.fill(Number.NaN);
    memory.policyResult.fill(Number.NaN);
  }

  update(batch: Batch, targetNoise: Float32Array): Promise<void> {
    return this.#inTurn(() => {
      checkUpdate(batch, targetNoise, this.#options);
      return update(this.#parts, (out) => packBatch(batch, targetNoise, this.#memory.vectorLayout, out));
    });
  }

  /** `update` with its arguments as `packBatch` lays them out. A copy is taken: onnxruntime-node refuses shared memory. */
  updatePacked(packed: Float32Array): Promise<void> {
    return this.#inTurn(() => update(this.#parts, (out) => out.set(packed)));
  }

  /** What the last update measured; of a learner with one critic, criticLoss is its part of it, meanQ its own mean. */
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

  /** The actor and its target as the graphs have them; they change with every policy update. */
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

  setLearningRates(rates: LearningRates): Promise<void> {
    return this.#inTurn(() => void (this.#parts.learningRates = { ...rates }));
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.#turns.take(() => this.#parts.graphs.dispose());
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
