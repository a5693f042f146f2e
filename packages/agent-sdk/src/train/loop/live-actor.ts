import { ActorPolicy } from '../../policy/actor-policy.ts';
import { normalizeObservations } from '../../policy/normalize-observations.ts';
import type { ObservationStatistics } from '../../policy/observation-statistics.ts';
import type { Actor } from '../../rollout/collector.ts';
import type { Learner } from '../../td3/learner.ts';
import type { NetworkState } from '../../td3/network-state.ts';

/** The actor that plays, kept up with the learner's and with what is known of the observations. */
export class LiveActor implements Actor {
  readonly #policy: ActorPolicy;
  readonly #statistics: ObservationStatistics | null;
  #policyUpdates: number;
  #normalized = new Float32Array(0);

  /**
   * @param policyUpdates how many updates the weights have seen
   * @param statistics null: observations are played as they are
   */
  constructor(weights: NetworkState, policyUpdates: number, statistics: ObservationStatistics | null) {
    this.#policy = new ActorPolicy(weights);
    this.#policyUpdates = policyUpdates;
    this.#statistics = statistics;
  }

  /** @param observations [n, observationSize], not normalised @param out [n, actionSize], [-1, 1] units */
  act(observations: Float32Array, out: Float32Array): void {
    if (this.#statistics === null) {
      this.#policy.act(observations, out);
      return;
    }
    if (this.#normalized.length !== observations.length) {
      this.#normalized = new Float32Array(observations.length);
    }
    normalizeObservations(observations, this.#statistics.normalizer(), this.#normalized);
    this.#policy.act(this.#normalized, out);
  }

  /** Takes the learner's actor over, if it has changed since. */
  async follow(learner: Learner, policyUpdates: number): Promise<void> {
    if (policyUpdates === this.#policyUpdates) return;
    this.#policy.setWeights(await learner.actorWeights());
    this.#policyUpdates = policyUpdates;
  }
}
