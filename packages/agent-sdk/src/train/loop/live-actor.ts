import { NetworkActor } from '../../policy/network-actor.ts';
import type { ObservationStatistics } from '../../policy/observation-statistics.ts';
import type { Learner } from '../../td3/learner.ts';
import type { NetworkState } from '../../td3/network-state.ts';

/** The actor that plays, kept up with the learner's and with what is known of the observations. */
export class LiveActor extends NetworkActor {
  #policyUpdates: number;
  #weights: NetworkState;
  readonly #statistics: ObservationStatistics | null;

  /**
   * @param policyUpdates how many updates the weights have seen
   * @param statistics null: observations are played as they are
   */
  constructor(weights: NetworkState, policyUpdates: number, statistics: ObservationStatistics | null) {
    super(weights, statistics === null ? undefined : () => statistics.normalizer());
    this.#policyUpdates = policyUpdates;
    this.#weights = weights;
    this.#statistics = statistics;
  }

  /** The actor of this moment, which later updates and observations do not change. */
  frozen(): NetworkActor {
    const normalizer = this.#statistics?.normalizer();
    return new NetworkActor(this.#weights, normalizer === undefined ? undefined : () => normalizer);
  }

  /** Takes the learner's actor over, if it has changed since. */
  async follow(learner: Learner, policyUpdates: number): Promise<void> {
    if (policyUpdates === this.#policyUpdates) return;
    this.#weights = await learner.actorWeights();
    this.setWeights(this.#weights);
    this.#policyUpdates = policyUpdates;
  }
}
