import { ActorPolicy } from '../policy/actor-policy.ts';
import { normalizeObservations } from '../policy/normalize-observations.ts';
import type { PolicySnapshot } from '../policy/policy-snapshot.ts';
import { ActionScaler } from './action-scaler.ts';
import type { EvaluationPolicy } from './evaluate.ts';

/** A saved policy that plays, in environment units. The array it returns is reused by its next call. */
export function createSnapshotPolicy(snapshot: PolicySnapshot): EvaluationPolicy {
  const { actor, actionLow, actionHigh, observationNormalizer } = snapshot;
  const policy = new ActorPolicy(actor);
  const scaler = new ActionScaler(actionLow, actionHigh);
  let actions = new Float32Array(0);
  let normalized = new Float32Array(0);
  return (observations, rows) => {
    if (actions.length !== rows * scaler.size) actions = new Float32Array(rows * scaler.size);
    if (observationNormalizer === undefined) {
      policy.act(observations, actions);
    } else {
      if (normalized.length !== observations.length) normalized = new Float32Array(observations.length);
      normalizeObservations(observations, observationNormalizer, normalized);
      policy.act(normalized, actions);
    }
    scaler.toEnv(actions, actions);
    return actions;
  };
}
