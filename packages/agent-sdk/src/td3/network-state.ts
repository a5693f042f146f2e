/** What a network is, apart from who computes it: the one schema that learners, checkpoints and exporters share. */

/** y = x·Wᵀ + b, torch.nn.Linear's layout. */
export interface LinearLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** Row-major [outputs, inputs]. */
  readonly weight: Float32Array;
  /** [outputs] */
  readonly bias: Float32Array;
}

/** A multi-layer perceptron: Relu between layers; an actor ends in tanh, a critic in nothing. */
export type NetworkState = readonly LinearLayer[];

/** Adam's state for one network; both moments have the shapes of the network. */
export interface AdamState {
  readonly firstMoment: NetworkState;
  readonly secondMoment: NetworkState;
  /** Updates so far (t in the bias correction). */
  readonly step: number;
}

/** Everything a learner needs to go on as if it had never stopped. */
export interface LearnerState {
  readonly actor: NetworkState;
  readonly actorTarget: NetworkState;
  readonly critics: readonly [NetworkState, NetworkState];
  readonly criticTargets: readonly [NetworkState, NetworkState];
  readonly actorAdam: AdamState;
  readonly criticAdams: readonly [AdamState, AdamState];
  /** Critic updates so far; `policyDelay` counts these. */
  readonly gradientSteps: number;
}
