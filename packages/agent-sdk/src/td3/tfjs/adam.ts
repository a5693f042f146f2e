import {
  abs,
  add,
  concat,
  div,
  greater,
  mul,
  type Rank,
  reshape,
  sqrt,
  square,
  sub,
  type Tensor,
  tidy,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { AgentError } from '../../errors.ts';
import type { AdamState } from '../network-state.ts';
import { FlatNetworks } from './flat-networks.ts';

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;
/** Moments below this change no weight any more; left alone they decay into denormals, which are slow. */
const negligible = 1e-30;
const cleaningPeriod = 128;

/**
 * Adam (Kingma and Ba, 2015) on flat networks, as PyTorch computes it: epsilon 1e-8, added after the
 * bias-corrected root. tfjs's own optimizer has 1e-7.
 */
export class Adam {
  learningRate: number;
  readonly #firstMoment: FlatNetworks;
  readonly #secondMoment: FlatNetworks;
  #step = 0;

  /** Starts with moments of zero. @param widths of each of `count` networks */
  constructor(learningRate: number, widths: readonly number[], count: number) {
    this.learningRate = learningRate;
    this.#firstMoment = new FlatNetworks(widths, count);
    this.#secondMoment = new FlatNetworks(widths, count);
  }

  /** One descent. @param gradients those of `networks.parameters()` */
  update(networks: FlatNetworks, gradients: readonly Tensor[]): void {
    this.#step += 1;
    tidy(() => {
      const gradient = concat(gradients.map((part) => reshape<Rank.R1>(part, [part.size])));
      const first = add(mul(this.#firstMoment.values, beta1), mul(gradient, 1 - beta1));
      const second = add(mul(this.#secondMoment.values, beta2), mul(square(gradient), 1 - beta2));
      const stepSize = this.learningRate / (1 - beta1 ** this.#step);
      const root = div(sqrt(second), Math.sqrt(1 - beta2 ** this.#step));
      networks.assign(sub(networks.values, mul(div(first, add(root, epsilon)), stepSize)));
      const isCleaning = this.#step % cleaningPeriod === 0;
      this.#firstMoment.assign(isCleaning ? withoutNegligible(first) : first);
      this.#secondMoment.assign(isCleaning ? withoutNegligible(second) : second);
    });
  }

  /** One state for each network; copies. */
  exportState(): readonly AdamState[] {
    const secondMoments = this.#secondMoment.exportState();
    return this.#firstMoment.exportState().map((firstMoment, i) => {
      return { firstMoment, secondMoment: secondMoments[i] ?? [], step: this.#step };
    });
  }

  /** Replaces the moments. @throws AgentError INVALID_STATE when the networks' step counts differ */
  importState(states: readonly AdamState[]): void {
    const steps = new Set(states.map((state) => state.step));
    const [step] = steps;
    if (step === undefined || steps.size > 1) {
      throw new AgentError('INVALID_STATE', `Adam: expected one step count, got ${[...steps].join(' and ')}`);
    }
    this.#firstMoment.importState(states.map((state) => state.firstMoment));
    this.#secondMoment.importState(states.map((state) => state.secondMoment));
    this.#step = step;
  }

  dispose(): void {
    this.#firstMoment.dispose();
    this.#secondMoment.dispose();
  }
}

function withoutNegligible(moment: Tensor): Tensor {
  return where(greater(abs(moment), negligible), moment, zerosLike(moment));
}
