import { shown } from '@gymwire/protocol';
import { AgentError } from '../errors.ts';
import { ActionScaler } from './action-scaler.ts';
import { ActorPolicy } from './actor-policy.ts';
import { NetworkActor } from './network-actor.ts';
import type { PolicySnapshot } from './policy-snapshot.ts';

/**
 * The policy that a snapshot describes. The array that `act` returns is reused by its next call.
 * @throws AgentError INVALID_OPTION for what is no snapshot, SHAPE_MISMATCH, INVALID_ACTION_BOUNDS for a snapshot that no training made
 */
export function createSnapshotPolicy(snapshot: PolicySnapshot): ActorPolicy {
  // `result.best` is null where nothing was evaluated.
  if (typeof snapshot !== 'object' || snapshot === null || !('actor' in snapshot)) {
    const message = `createSnapshotPolicy: expected a snapshot such as result.policy, got ${shown(snapshot)}`;
    throw new AgentError('INVALID_OPTION', message);
  }
  const { actor, actionLow, actionHigh, observationNormalizer } = snapshot;
  const network = new NetworkActor(actor, observationNormalizer && (() => observationNormalizer));
  return new ActorPolicy(network, new ActionScaler(actionLow, actionHigh));
}
