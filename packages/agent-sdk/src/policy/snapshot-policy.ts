import { ActionScaler } from './action-scaler.ts';
import { ActorPolicy } from './actor-policy.ts';
import { NetworkActor } from './network-actor.ts';
import type { PolicySnapshot } from './policy-snapshot.ts';

/**
 * The policy that a snapshot describes. The array that `act` returns is reused by its next call.
 * @throws AgentError SHAPE_MISMATCH, INVALID_ACTION_BOUNDS for a snapshot that no training made
 */
export function createSnapshotPolicy(snapshot: PolicySnapshot): ActorPolicy {
  const { actor, actionLow, actionHigh, observationNormalizer } = snapshot;
  const network = new NetworkActor(actor, observationNormalizer && (() => observationNormalizer));
  return new ActorPolicy(network, new ActionScaler(actionLow, actionHigh));
}
