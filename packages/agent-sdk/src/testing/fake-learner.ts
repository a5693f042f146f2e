import type { Batch, Learner, LearnerMetrics, LearnerOptions, LearningRates } from '../td3/learner.ts';
import type { LearnerState, NetworkState } from '../td3/network-state.ts';

/** Not TD3, but cheap, and every number it is given shows in the actor's weights. */
export class FakeLearner implements Learner {
  readonly description = 'fake';
  readonly options: LearnerOptions;
  isDisposed = false;
  /** Those that were set; undefined: none were. The actor's is the share of each update. */
  learningRates: LearningRates | undefined;
  /** Called before each update; may throw. */
  beforeUpdate: (gradientSteps: number) => void = () => {};
  #state: LearnerState;

  constructor(options: LearnerOptions, state: LearnerState) {
    this.options = options;
    this.#state = structuredClone(state);
  }

  async update(batch: Batch, targetNoise: Float32Array): Promise<void> {
    this.beforeUpdate(this.#state.gradientSteps);
    const arrays = [batch.observation, batch.action, batch.reward, batch.nextObservation, targetNoise];
    const digest = arrays.flatMap((array) => [...array]).reduce((sum, x, i) => sum + x * Math.cos(i), 0);
    const rate = this.learningRates?.actor ?? 0.01;
    for (const layer of this.#state.actor) {
      layer.weight.forEach((weight, i) => {
        layer.weight[i] = (1 - rate) * weight + rate * Math.sin(digest + i);
      });
    }
    this.#state = { ...this.#state, gradientSteps: this.#state.gradientSteps + 1 };
  }

  async readMetrics(): Promise<LearnerMetrics> {
    const { gradientSteps } = this.#state;
    const policyUpdates = Math.floor(gradientSteps / this.options.policyDelay);
    return { criticLoss: 1, actorLoss: Number.NaN, meanQ: 2, meanTarget: 3, gradientSteps, policyUpdates };
  }

  async actorWeights(): Promise<NetworkState> {
    return structuredClone(this.#state.actor);
  }

  async exportState(): Promise<LearnerState> {
    return structuredClone(this.#state);
  }

  async importState(state: LearnerState): Promise<void> {
    this.#state = structuredClone(state);
  }

  async setLearningRates(rates: LearningRates): Promise<void> {
    this.learningRates = rates;
  }

  async dispose(): Promise<void> {
    this.isDisposed = true;
  }
}
