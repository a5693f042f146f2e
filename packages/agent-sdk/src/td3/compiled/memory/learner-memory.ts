import { AgentError } from '../../../errors.ts';
import type { LearnerOptions } from '../../learner.ts';
import type { AdamState, LearnerState, NetworkState } from '../../network-state.ts';
import type { CompiledDiagnostics } from '../diagnostics.ts';
import { ParameterKernels } from './parameter-kernels.ts';
import { type NetworkArrays, packNetwork, unpackNetwork } from './parameter-layout.ts';
import {
  type CriticNames,
  criticsOf,
  layOutNetworks,
  layOutUpdateVector,
  layoutOf,
  type NetworkLayouts,
  type NetworkName,
  ownCriticsOf,
  type Role,
  type Stretch,
  type TrainedNetwork,
  type UpdateVector,
} from './update-vector.ts';

interface Moments {
  readonly first: NetworkArrays;
  readonly second: NetworkArrays;
}

/** All arrays of a learner, in one memory: what the graphs read and write, and what the kernels work on in place. */
export class LearnerMemory {
  readonly vectorLayout: UpdateVector;
  /** See UpdateVector. */
  readonly vector: Float32Array;
  /** The batch as the graphs find it: a part of `vector`. */
  readonly batch: Float32Array;
  /** What the target critics say of each row where the two are computed apart: parts of `vector`. */
  readonly nextQ: Float32Array;
  readonly otherNextQ: Float32Array;
  /** What the critics' graph gives: the gradient of what is small, then Q of each critic and y, of each row. */
  readonly criticsResult: Float32Array;
  /** What the policy graph gives: the gradient of what is small, then Q1 of each row. */
  readonly policyResult: Float32Array;
  readonly networks: Readonly<Record<NetworkName, NetworkArrays>>;
  readonly gradients: Readonly<Record<TrainedNetwork, NetworkArrays>>;
  readonly kernels: ParameterKernels;
  readonly layouts: NetworkLayouts;
  /** The critics that this learner updates, and their targets. */
  readonly critics: readonly CriticNames[];
  readonly #moments: Readonly<Record<TrainedNetwork, Moments>>;
  readonly #role: Role;
  #steps = { gradient: 0, critics: 0, actor: 0 };

  constructor(options: LearnerOptions, role: Role, { keepDenormals = false }: CompiledDiagnostics) {
    this.#role = role;
    this.layouts = layOutNetworks(options);
    this.vectorLayout = layOutUpdateVector(options, role);
    let byteLength = 0;
    reserve(this.layouts, this.vectorLayout, role, (length) => {
      byteLength += ParameterKernels.byteLengthOf(length);
      return new Float32Array(0);
    });
    this.kernels = new ParameterKernels(byteLength, keepDenormals);
    const arrays = reserve(this.layouts, this.vectorLayout, role, (length) => this.kernels.allocate(length));
    this.vector = arrays.vector;
    const partOf = ({ offset, length }: Stretch) => this.vector.subarray(offset, offset + length);
    const [mine, other] = criticsOf(role);
    this.batch = partOf(this.vectorLayout.batch);
    this.nextQ = partOf(this.vectorLayout.parts[mine.nextQ]);
    this.otherNextQ = partOf(this.vectorLayout.parts[other.nextQ]);
    this.critics = ownCriticsOf(role);
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

  /** True where this learner updates the actor and its target. */
  get hasActor(): boolean {
    return this.#role !== 'critic2';
  }

  /** Counts an update of the critics, before its step of Adam. */
  countCriticUpdate(): void {
    this.#steps.gradient += 1;
    this.#steps.critics += 1;
  }

  /** Counts an update of the actor, before its step of Adam. */
  countPolicyUpdate(): void {
    this.#steps.actor += 1;
  }

  /** One step of Adam along the gradient of a network, in place. The update must have been counted. */
  adam(name: TrainedNetwork, learningRate: number): void {
    const step = name === 'actor' ? this.#steps.actor : this.#steps.critics;
    const { first, second } = this.#moments[name];
    for (const part of ['small', 'large'] as const) {
      const [parameters, gradient] = [this.networks[name][part], this.gradients[name][part]];
      this.kernels.adam(parameters, first[part], second[part], gradient, learningRate, step);
    }
  }

  /** target ← tau · online + (1 − tau) · target, in place. */
  follow(target: NetworkName, online: NetworkName, tau: number): void {
    for (const part of ['small', 'large'] as const) {
      this.kernels.follow(this.networks[target][part], this.networks[online][part], tau);
    }
  }

  /** Returns a copy of the actor. */
  actor(): NetworkState {
    return this.#read('actor', this.networks.actor);
  }

  /** Returns a copy of all state. */
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

  /** Replaces all state; shapes must have been checked. @throws AgentError INVALID_STATE */
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

  #read(name: NetworkName, arrays: NetworkArrays): NetworkState {
    return unpackNetwork(layoutOf(name, this.layouts), arrays);
  }
}

/** Takes every array from `allocate`, in a fixed order. */
function reserve(
  layouts: NetworkLayouts,
  vectorLayout: UpdateVector,
  role: Role,
  allocate: (length: number) => Float32Array,
) {
  const { parts } = vectorLayout;
  const rows = parts.reward.length;
  const [mine, other] = criticsOf(role);
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
  const { smallLength } = layouts.critic;
  const criticsResult = allocate(role === 'whole' ? 2 * smallLength + 3 * rows : smallLength + 2 * rows);
  const policyResult = allocate(layouts.actor.smallLength + rows);
  const gradient = (name: TrainedNetwork, result: Float32Array, offset: number): NetworkArrays => {
    const small = result.subarray(offset, offset + lengths(name).smallLength);
    return { small, large: allocate(lengths(name).largeLength) };
  };
  // The other critic of a learner with one has no gradient here.
  const gradients = {
    actor: gradient('actor', policyResult, 0),
    [mine.online]: gradient(mine.online, criticsResult, 0),
    [other.online]: gradient(
      other.online,
      criticsResult,
      role === 'whole' ? smallLength : criticsResult.length,
    ),
  } as Record<TrainedNetwork, NetworkArrays>;
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
    gradients,
  };
}
