import { AgentError } from '../../errors.ts';
import type { Batch, Learner, LearnerMetrics, LearnerOptions } from '../learner.ts';
import type { LearnerState, NetworkState } from '../network-state.ts';
import { checkLearnerState, checkUpdate } from '../shape-checks.ts';
import type { CompiledDiagnostics } from './diagnostics.ts';
import { LearnerMemory } from './learner-memory.ts';
import { loadOnnxRuntime } from './onnx-runtime.ts';
import { packBatch } from './pack-batch.ts';
import { largeName, vectorInput } from './traced-networks.ts';
import { traceCriticUpdate, tracePolicyUpdate } from './traced-update.ts';
import { Turns } from './turns.ts';
import { UpdateGraph } from './update-graph.ts';
import { layoutOf, type NetworkName, type Stretch, type TrainedNetwork } from './update-vector.ts';

/** Computes in the calling thread, which stands still meanwhile. */
export async function createInProcessLearner(
  options: LearnerOptions,
  initial: LearnerState,
  diagnostics: CompiledDiagnostics = {},
): Promise<InProcessLearner> {
  checkLearnerState(initial, options);
  const runtime = await loadOnnxRuntime();
  const memory = new LearnerMemory(options, options.batchSize, diagnostics);
  memory.importState(initial);
  const { profilePrefix } = diagnostics;
  const profile = (name: string) => (profilePrefix === undefined ? undefined : `${profilePrefix}-${name}`);
  const [critics, policy] = [criticsArrays(memory), policyArrays(memory)];
  return new InProcessLearner(options, memory, {
    critics: await UpdateGraph.create(runtime, traceCriticUpdate(options), critics, profile('critics')),
    policy: await UpdateGraph.create(runtime, tracePolicyUpdate(options), policy, profile('policy')),
  });
}

type NamedArrays = Record<string, Float32Array>;

function criticsArrays(memory: LearnerMemory): NamedArrays {
  return {
    [vectorInput]: stretchOf(memory, memory.vectorLayout.criticsGraph),
    ...largeMatrices(memory, ['actorTarget', 'criticTarget1', 'criticTarget2', 'critic1', 'critic2']),
    gradient: memory.criticsResult,
    ...largeGradients(memory, ['critic1', 'critic2']),
  };
}

function policyArrays(memory: LearnerMemory): NamedArrays {
  return {
    [vectorInput]: stretchOf(memory, memory.vectorLayout.policyGraph),
    ...largeMatrices(memory, ['critic1', 'actor']),
    gradient: memory.policyResult,
    ...largeGradients(memory, ['actor']),
  };
}

function stretchOf({ vector }: LearnerMemory, { offset, length }: Stretch): Float32Array {
  return vector.subarray(offset, offset + length);
}

function largeMatrices({ layouts, networks }: LearnerMemory, names: readonly NetworkName[]): NamedArrays {
  return Object.fromEntries(
    names.flatMap((name) =>
      layoutOf(name, layouts).largeMatrices.map(({ offset, length }, i) => {
        return [largeName(name, i), networks[name].large.subarray(offset, offset + length)];
      }),
    ),
  );
}

function largeGradients(
  { layouts, gradients }: LearnerMemory,
  names: readonly TrainedNetwork[],
): NamedArrays {
  return Object.fromEntries(
    names.flatMap((name) =>
      layoutOf(name, layouts).largeMatrices.map(({ offset, length }, i) => {
        return [`gradient.${largeName(name, i)}`, gradients[name].large.subarray(offset, offset + length)];
      }),
    ),
  );
}

export class InProcessLearner implements Learner {
  readonly description = 'compiled (onnxruntime-node)';
  readonly #options: LearnerOptions;
  readonly #memory: LearnerMemory;
  /** Where the graphs find the batch. */
  readonly #batch: Float32Array;
  readonly #graphs: Readonly<Record<'critics' | 'policy', UpdateGraph>>;
  readonly #turns = new Turns();
  #isDisposed = false;

  constructor(
    options: LearnerOptions,
    memory: LearnerMemory,
    graphs: Readonly<Record<'critics' | 'policy', UpdateGraph>>,
  ) {
    this.#options = options;
    this.#memory = memory;
    this.#batch = stretchOf(memory, memory.vectorLayout.batch);
    this.#graphs = graphs;
    // Nothing was measured yet.
    memory.criticsResult.fill(Number.NaN);
    memory.policyResult.fill(Number.NaN);
  }

  update(batch: Batch, targetNoise: Float32Array): Promise<void> {
    return this.#inTurn(async () => {
      checkUpdate(batch, targetNoise, this.#options);
      packBatch(batch, targetNoise, 0, this.#memory.vectorLayout, this.#batch);
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

  readMetrics(): Promise<LearnerMetrics> {
    return this.#inTurn(() => {
      const { steps, criticsResult, policyResult } = this.#memory;
      const rows = this.#options.batchSize;
      const [q1, q2, target] = [3, 2, 1].map((fromEnd) => {
        const start = criticsResult.length - fromEnd * rows;
        return criticsResult.subarray(start, start + rows);
      }) as [Float32Array, Float32Array, Float32Array];
      return {
        criticLoss: meanSquaredError(q1, target) + meanSquaredError(q2, target),
        actorLoss: -mean(policyResult.subarray(policyResult.length - rows)),
        meanQ: mean(q1),
        meanTarget: mean(target),
        gradientSteps: steps.gradient,
        policyUpdates: Math.floor(steps.gradient / this.#options.policyDelay),
      };
    });
  }

  /** Updates of the actor so far, and the arrays that they are made on: see `ThreadData.actor`. */
  get policyUpdates(): number {
    return this.#memory.steps.actor;
  }

  /** @param out what is small of the actor, then what is large */
  copyActor(out: Float32Array): void {
    const { small, large } = this.#memory.networks.actor;
    out.set(small);
    out.set(large, small.length);
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
    await this.#turns.take(async () => {
      await this.#graphs.critics.dispose();
      await this.#graphs.policy.dispose();
    });
  }

  async #run(): Promise<void> {
    await this.#graphs.critics.run();
    this.#memory.updateCritics(this.#options);
    if (this.#memory.steps.gradient % this.#options.policyDelay !== 0) return;
    await this.#graphs.policy.run();
    this.#memory.updatePolicy(this.#options);
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
  return values.reduce((sum, value, i) => sum + (value - (targets[i] as number)) ** 2, 0) / values.length;
}
