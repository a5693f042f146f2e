import { AgentError } from '../../errors.ts';
import type { LearnerOptions } from '../learner.ts';
import type { AdamState, LearnerState, NetworkState } from '../network-state.ts';
import type { CompiledDiagnostics } from './diagnostics.ts';
import { ParameterKernels } from './parameter-kernels.ts';
import { type NetworkArrays, packNetwork, unpackNetwork } from './parameter-layout.ts';
import {
  layOutNetworks,
  layOutUpdateVector,
  layoutOf,
  type NetworkLayouts,
  type NetworkName,
  type TrainedNetwork,
  type UpdateVector,
} from './update-vector.ts';

const targets = { actorTarget: 'actor', criticTarget1: 'critic1', criticTarget2: 'critic2' } as const;
type TargetNetwork = keyof typeof targets;

interface Moments {
  readonly first: NetworkArrays;
  readonly second: NetworkArrays;
}

/** All arrays of a learner, in one memory: what the graphs read and write, and what the kernels work on in place. */
export class LearnerMemory {
  readonly vectorLayout: UpdateVector;
  /** See UpdateVector. */
  readonly vector: Float32Array;
  /** The fetch of the critics' graph: the gradient of what is small, then Q1, Q2 and y of each row. */
  readonly criticsResult: Float32Array;
  /** The fetch of the policy graph: the gradient of what is small, then Q1 of each row. */
  readonly policyResult: Float32Array;
  readonly networks: Readonly<Record<NetworkName, NetworkArrays>>;
  readonly gradients: Readonly<Record<TrainedNetwork, NetworkArrays>>;
  readonly kernels: ParameterKernels;
  readonly layouts: NetworkLayouts;
  readonly #moments: Readonly<Record<TrainedNetwork, Moments>>;
  #steps = { gradient: 0, critics: 0, actor: 0 };

  /** @param rows of the batch that this learner sees */
  constructor(options: LearnerOptions, rows: number, { keepDenormals = false }: CompiledDiagnostics) {
    this.layouts = layOutNetworks(options);
    this.vectorLayout = layOutUpdateVector(options, rows);
    let byteLength = 0;
    reserve(this.layouts, this.vectorLayout, (length) => {
      byteLength += ParameterKernels.byteLengthOf(length);
      return new Float32Array(0);
    });
    this.kernels = new ParameterKernels(byteLength, keepDenormals);
    const arrays = reserve(this.layouts, this.vectorLayout, (length) => this.kernels.allocate(length));
    this.vector = arrays.vector;
    this.criticsResult = arrays.criticsResult;
    this.policyResult = arrays.policyResult;
    this.networks = arrays.networks;
    this.gradients = arrays.gradients;
    this.#moments = arrays.moments;
  }

  /** Updates so far: of the critics since the beginning, and by each Adam. */
  get steps(): { readonly gradient: number; readonly critics: number; readonly actor: number } {
    return this.#steps;
  }

  /** TD3 step 12: Adam on both critics. */
  updateCritics({ criticLearningRate }: LearnerOptions): void {
    this.#steps.gradient += 1;
    this.#steps.critics += 1;
    this.#adam('critic1', criticLearningRate, this.#steps.critics);
    this.#adam('critic2', criticLearningRate, this.#steps.critics);
  }

  /** The rest of TD3 step 13, Adam on the actor; then 14 and 15, the targets follow. */
  updatePolicy({ actorLearningRate, tau }: LearnerOptions): void {
    this.#steps.actor += 1;
    this.#adam('actor', actorLearningRate, this.#steps.actor);
    for (const name of Object.keys(targets) as TargetNetwork[]) {
      const [target, online] = [this.networks[name], this.networks[targets[name]]];
      this.kernels.follow(target.small, online.small, tau);
      this.kernels.follow(target.large, online.large, tau);
    }
  }

  actor(): NetworkState {
    return this.#read('actor', this.networks.actor);
  }

  exportState(): LearnerState {
    const { gradient, critics, actor } = this.#steps;
    const network = (name: NetworkName) => this.#read(name, this.networks[name]);
    const adam = (name: TrainedNetwork, step: number): AdamState => {
      const { first, second } = this.#moments[name];
      return { firstMoment: this.#read(name, first), secondMoment: this.#read(name, second), step };
    };
    return {
      actor: network('actor'),
      actorTarget: network('actorTarget'),
      critics: [network('critic1'), network('critic2')],
      criticTargets: [network('criticTarget1'), network('criticTarget2')],
      actorAdam: adam('actor', actor),
      criticAdams: [adam('critic1', critics), adam('critic2', critics)],
      gradientSteps: gradient,
    };
  }

  importState(state: LearnerState): void {
    const [adam1, adam2] = state.criticAdams;
    if (adam1.step !== adam2.step) {
      throw new AgentError(
        'INVALID_STATE',
        `criticAdams: expected one step count, got ${adam1.step} and ${adam2.step}`,
      );
    }
    const network = (name: NetworkName, values: NetworkState) =>
      packNetwork(layoutOf(name, this.layouts), values, this.networks[name]);
    const moments = (name: TrainedNetwork, { firstMoment, secondMoment }: AdamState) => {
      const { first, second } = this.#moments[name];
      packNetwork(layoutOf(name, this.layouts), firstMoment, first);
      packNetwork(layoutOf(name, this.layouts), secondMoment, second);
    };
    network('actor', state.actor);
    network('actorTarget', state.actorTarget);
    network('critic1', state.critics[0]);
    network('critic2', state.critics[1]);
    network('criticTarget1', state.criticTargets[0]);
    network('criticTarget2', state.criticTargets[1]);
    moments('actor', state.actorAdam);
    moments('critic1', adam1);
    moments('critic2', adam2);
    this.#steps = { gradient: state.gradientSteps, critics: adam1.step, actor: state.actorAdam.step };
  }

  #adam(name: TrainedNetwork, learningRate: number, step: number): void {
    const { first, second } = this.#moments[name];
    for (const part of ['small', 'large'] as const) {
      const [parameters, gradient] = [this.networks[name][part], this.gradients[name][part]];
      this.kernels.adam(parameters, first[part], second[part], gradient, learningRate, step);
    }
  }

  #read(name: NetworkName, arrays: NetworkArrays): NetworkState {
    return unpackNetwork(layoutOf(name, this.layouts), arrays);
  }
}

/** Takes every array from `allocate`, in a fixed order. */
function reserve(
  layouts: NetworkLayouts,
  vectorLayout: UpdateVector,
  allocate: (length: number) => Float32Array,
) {
  const { parts } = vectorLayout;
  const rows = parts.reward.length;
  const lengths = (name: NetworkName) => layoutOf(name, layouts);
  const vector = allocate(vectorLayout.length);
  const network = (name: NetworkName): NetworkArrays => {
    const { offset, length } = parts[name];
    return { small: vector.subarray(offset, offset + length), large: allocate(lengths(name).largeLength) };
  };
  const moment = (name: TrainedNetwork): NetworkArrays => {
    return { small: allocate(lengths(name).smallLength), large: allocate(lengths(name).largeLength) };
  };
  const moments = (name: TrainedNetwork): Moments => ({ first: moment(name), second: moment(name) });
  const result = (names: readonly TrainedNetwork[], values: number) =>
    allocate(names.reduce((sum, name) => sum + lengths(name).smallLength, values * rows));
  const [criticsResult, policyResult] = [result(['critic1', 'critic2'], 3), result(['actor'], 1)];
  const gradient = (name: TrainedNetwork, whole: Float32Array, offset: number): NetworkArrays => {
    const { smallLength, largeLength } = lengths(name);
    return { small: whole.subarray(offset, offset + smallLength), large: allocate(largeLength) };
  };
  return {
    vector,
    criticsResult,
    policyResult,
    networks: {
      actor: network('actor'),
      critic1: network('critic1'),
      critic2: network('critic2'),
      actorTarget: network('actorTarget'),
      criticTarget1: network('criticTarget1'),
      criticTarget2: network('criticTarget2'),
    },
    moments: { actor: moments('actor'), critic1: moments('critic1'), critic2: moments('critic2') },
    gradients: {
      actor: gradient('actor', policyResult, 0),
      critic1: gradient('critic1', criticsResult, 0),
      critic2: gradient('critic2', criticsResult, layouts.critic.smallLength),
    },
  };
}
