import { ActorPolicy } from '../policy/actor-policy.ts';
import type { ObservationNormalizer, PolicySnapshot } from '../policy/policy-snapshot.ts';
import { ActionScaler } from './action-scaler.ts';
import type { EvaluationPolicy } from './evaluate.ts';

/** A saved policy that plays, in environment units. The array it returns is reused by its next call. */
export function createSnapshotPolicy(snapshot: PolicySnapshot): EvaluationPolicy {
  const { actor, actionLow, actionHigh, observationNormalizer: normalizer } = snapshot;
  const policy = new ActorPolicy(actor);
  const scaler = new ActionScaler(actionLow, actionHigh);
  let actions = new Float32Array(0);
  return (observations, rows) => {
    if (actions.length !== rows * scaler.size) actions = new Float32Array(rows * scaler.size);
    policy.act(normalizer === undefined ? observations : normalize(observations, normalizer), actions);
    scaler.toEnv(actions, actions);
    return actions;
  };
}

function normalize(observations: Float32Array, { mean, scale, clip }: ObservationNormalizer): Float32Array {
  return observations.map((x, i) => {
    const k = i % mean.length;
    const scaled = (x - (mean[k] as number)) / (scale[k] as number);
    return Math.max(-clip, Math.min(clip, scaled));
  });
}
