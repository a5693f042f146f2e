import { ActorPolicy } from '../policy/actor-policy.ts';
import type { Learner } from '../td3/learner.ts';
import type { NetworkState } from '../td3/network-state.ts';

/** The actor that plays, kept up with the learner's. */
export class LiveActor {
  readonly policy: ActorPolicy;
  #policyUpdates: number;

  /** @param policyUpdates how many updates the weights have seen */
  constructor(weights: NetworkState, policyUpdates: number) {
    this.policy = new ActorPolicy(weights);
    this.#policyUpdates = policyUpdates;
  }

  /** Takes the learner's actor over, if it has changed since. */
  async follow(learner: Learner, policyUpdates: number): Promise<void> {
    if (policyUpdates === this.#policyUpdates) return;
    this.policy.setWeights(await learner.actorWeights());
    this.#policyUpdates = policyUpdates;
  }
}
