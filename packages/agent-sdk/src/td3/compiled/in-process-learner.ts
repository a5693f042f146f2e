import type { OnnxModel } from '@gymwire/onnx-graph';
import type { Tensor } from 'onnxruntime-node';
import { AgentError } from '../../errors.ts';
import type { Batch, Learner, LearnerMetrics, LearnerOptions } from '../learner.ts';
import type { LearnerState, NetworkState } from '../network-state.ts';
import { checkLearnerState, checkUpdate } from '../shape-checks.ts';
import type { Bank } from './bank.ts';
import type { CompiledDiagnostics } from './diagnostics.ts';
import { LearnerMemory } from './learner-memory.ts';
import { loadOnnxRuntime, type OnnxRuntime } from './onnx-runtime.ts';
import { adamSchedule } from './traced-adam.ts';
import { traceCriticUpdate, tracePolicyUpdate } from './traced-update.ts';
import { Turns } from './turns.ts';
import { packUpdateArguments, updateArgumentsLength } from './update-arguments.ts';
import { UpdateGraph } from './update-graph.ts';

/** Computes in the calling thread, which stands still meanwhile. */
export async function createInProcessLearner(
  options: LearnerOptions,
  initial: LearnerState,
  diagnostics: CompiledDiagnostics = {},
): Promise<InProcessLearner> {
  checkLearnerState(initial, options);
  const runtime = await loadOnnxRuntime();
  const memory = new LearnerMemory(runtime, options, diagnostics);
  memory.importState(initial);
  const { critics, policy } = memory;
  const exchange = createExchange(runtime, options);
  const reads = [critics, policy];
  const { profilePrefix } = diagnostics;
  const profile = (name: string) => (profilePrefix === undefined ? undefined : `${profilePrefix}-${name}`);
  const fixed = exchange.tensors;
  const create = (model: OnnxModel, replaces: Bank, name: string) =>
    UpdateGraph.create(runtime, model, fixed, reads, replaces, profile(name));
  return new InProcessLearner(options, memory, exchange, {
    critics: await create(traceCriticUpdate(options), critics, 'critics'),
    policy: await create(tracePolicyUpdate(options), policy, 'policy'),
  });
}

/** What an update is given besides the networks and what it measures: tensors that keep their place. */
interface Exchange {
  readonly batch: Float32Array;
  readonly criticSchedule: Float32Array;
  readonly actorSchedule: Float32Array;
  /** Critic loss, mean Q, mean target. */
  readonly criticMetrics: Float32Array;
  readonly actorMetrics: Float32Array;
  /** Views of the above, by their names in the graphs. */
  readonly tensors: Readonly<Record<string, Tensor>>;
}

function createExchange(runtime: OnnxRuntime, options: LearnerOptions): Exchange {
  const batch = new Float32Array(updateArgumentsLength(options));
  const criticSchedule = new Float32Array(2);
  const actorSchedule = new Float32Array(2);
  const criticMetrics = new Float32Array(3).fill(Number.NaN);
  const actorMetrics = new Float32Array(1).fill(Number.NaN);
  const tensor = (data: Float32Array): Tensor => new runtime.Tensor('float32', data, [1, data.length]);
  const tensors = {
    batch: tensor(batch),
    'critics.schedule': tensor(criticSchedule),
    'actor.schedule': tensor(actorSchedule),
    criticMetrics: tensor(criticMetrics),
    actorMetrics: tensor(actorMetrics),
  };
  return { batch, criticSchedule, actorSchedule, criticMetrics, actorMetrics, tensors };
}

export class InProcessLearner implements Learner {
  readonly description = 'compiled (onnxruntime-node)';
  readonly #options: LearnerOptions;
  readonly #memory: LearnerMemory;
  readonly #exchange: Exchange;
  readonly #graphs: Readonly<Record<'critics' | 'policy', UpdateGraph>>;
  readonly #turns = new Turns();
  #isDisposed = false;

  constructor(
    options: LearnerOptions,
    memory: LearnerMemory,
    exchange: Exchange,
    graphs: Readonly<Record<'critics' | 'policy', UpdateGraph>>,
  ) {
    this.#options = options;
    this.#memory = memory;
    this.#exchange = exchange;
    this.#graphs = graphs;
  }

  update(batch: Batch, targetNoise: Float32Array): Promise<void> {
    return this.#inTurn(async () => {
      checkUpdate(batch, targetNoise, this.#options);
      // The caller's arrays may lie in shared memory, which onnxruntime-node refuses: one copy into our own.
      packUpdateArguments(batch, targetNoise, this.#exchange.batch);
      await this.#run();
    });
  }

  /** `update` with its arguments as `packUpdateArguments` lays them out. */
  updatePacked(packed: Float32Array): Promise<void> {
    return this.#inTurn(async () => {
      this.#exchange.batch.set(packed);
      await this.#run();
    });
  }

  readMetrics(): Promise<LearnerMetrics> {
    return this.#inTurn(() => {
      const { criticMetrics, actorMetrics } = this.#exchange;
      const [criticLoss = Number.NaN, meanQ = Number.NaN, meanTarget = Number.NaN] = criticMetrics;
      const [actorLoss = Number.NaN] = actorMetrics;
      const gradientSteps = this.#memory.steps.gradient;
      const policyUpdates = Math.floor(gradientSteps / this.#options.policyDelay);
      return { criticLoss, actorLoss, meanQ, meanTarget, gradientSteps, policyUpdates };
    });
  }

  /** Updates of the actor so far, and the flat vector that they are made on: see `ThreadData.actor`. */
  get policyUpdates(): number {
    return this.#memory.steps.actor;
  }

  copyActor(out: Float32Array): void {
    this.#memory.copyActor(out);
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
    const { criticLearningRate, actorLearningRate, policyDelay } = this.#options;
    const { steps } = this.#memory;
    this.#exchange.criticSchedule.set(adamSchedule(criticLearningRate, steps.critics + 1));
    await this.#graphs.critics.run();
    this.#memory.countCriticUpdate();
    if (steps.gradient % policyDelay !== 0) return;
    this.#exchange.actorSchedule.set(adamSchedule(actorLearningRate, steps.actor + 1));
    await this.#graphs.policy.run();
    this.#memory.countPolicyUpdate();
  }

  async #inTurn<T>(task: () => T | Promise<T>): Promise<T> {
    if (this.#isDisposed) throw new AgentError('DISPOSED', `${this.description}: used after dispose()`);
    return this.#turns.take(task);
  }
}
