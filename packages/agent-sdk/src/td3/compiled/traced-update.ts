import {
  add,
  clip,
  concat,
  constant,
  input,
  mean,
  minimum,
  mul,
  neg,
  type OnnxModel,
  reshape,
  slice,
  square,
  stopGradient,
  sub,
  type TensorExpr,
  traceModel,
} from '@gymwire/onnx-graph';
import { actorWidths, criticWidths } from '../initial-state.ts';
import type { LearnerOptions } from '../learner.ts';
import { layOut, type ParameterLayout } from './parameter-layout.ts';
import { type AdamStep, adam, scaledForAdam } from './traced-adam.ts';
import {
  act,
  networksOf,
  segmentGradients,
  segmentInputs,
  segmentName,
  type TracedNetwork,
  value,
} from './traced-networks.ts';

/** The flat vectors that an update reads; those that it changes come out under the name `next.…`. */
export interface Layouts {
  readonly actor: ParameterLayout;
  /** Both critics in one. */
  readonly critics: ParameterLayout;
}

export function layOutNetworks(options: LearnerOptions): Layouts {
  return { actor: layOut(actorWidths(options), 1), critics: layOut(criticWidths(options), 2) };
}

/** The columns of a batch, in the order in which they lie in the input `batch`, and their widths. */
export function batchColumns(options: LearnerOptions) {
  const { observationSize, actionSize } = options;
  return {
    observation: observationSize,
    action: actionSize,
    reward: 1,
    nextObservation: observationSize,
    terminated: 1,
    targetNoise: actionSize,
  } as const;
}

/**
 * Steps 5 to 12 of TD3 (Fujimoto, van Hoof and Meger, 2018, algorithm 1) as one graph: what every update does.
 * It replaces `critics`.
 */
export function traceCriticUpdate(options: LearnerOptions): OnnxModel {
  const layouts = layOutNetworks(options);
  const { observation, action, reward, nextObservation, terminated, targetNoise } = batchInput(options);
  const [actorTarget] = networksOf(layouts.actor, segmentInputs(layouts.actor, 'actorTarget'));
  const criticTargets = networksOf(layouts.critics, segmentInputs(layouts.critics, 'criticTargets'));
  const before = adamInputs(layouts.critics, 'critics');
  const critics = networksOf(layouts.critics, before.parameters);

  // 5. The target actor plays a' from s'.
  const targetAction = act(actorTarget as TracedNetwork, nextObservation);
  // 6. Clipped noise on a', then a' clamped to the action range.
  const { targetPolicyNoise, targetNoiseClip } = options;
  const noise = clip(mul(targetNoise, constant(targetPolicyNoise)), -targetNoiseClip, targetNoiseClip);
  const nextAction = clip(add(targetAction, noise), -1, 1);
  // 7. Both target critics value (s', a').
  const [nextQ1, nextQ2] = criticTargets.map((critic) => value(critic, nextObservation, nextAction)) as Twins;
  // 8. The smaller of the two.
  const nextQ = minimum(nextQ1, nextQ2);
  // 9. y = r + gamma · (1 − terminated) · min, a constant to the losses.
  const discount = mul(sub(constant(1), terminated), constant(options.gamma));
  const target = stopGradient(add(reward, mul(discount, nextQ)));
  // 10. Both critics value (s, a).
  const [q1, q2] = critics.map((critic) => value(critic, observation, action)) as Twins;
  // 11. The loss is MSE(Q1, y) + MSE(Q2, y).
  const loss = add(mean(square(sub(q1, target))), mean(square(sub(q2, target))));
  // 12. Adam on both critics.
  const gradient = segmentGradients(layouts.critics, scaledForAdam(loss), critics);
  const after = adam(before, gradient, 'critics.schedule');
  return write('td3_critics', {
    criticMetrics: row([loss, mean(q1), mean(target)]),
    ...adamOutputs('critics', after),
  });
}

/**
 * Steps 13 to 15 as one graph: what every policyDelay-th update does after its steps 5 to 12. It replaces `actor`,
 * `actorTarget` and `criticTargets`.
 */
export function tracePolicyUpdate(options: LearnerOptions): OnnxModel {
  const layouts = layOutNetworks(options);
  const { observation } = batchInput(options);
  const criticSegments = segmentInputs(layouts.critics, 'critics');
  const [critic1] = networksOf(layouts.critics, criticSegments);
  const before = adamInputs(layouts.actor, 'actor');
  const [actor] = networksOf(layouts.actor, before.parameters) as [TracedNetwork];

  // 13. The actor ascends Q1(s, actor(s)).
  const loss = neg(mean(value(critic1 as TracedNetwork, observation, act(actor, observation))));
  const gradient = segmentGradients(layouts.actor, scaledForAdam(loss), [actor]);
  const after = adam(before, gradient, 'actor.schedule');
  // 14. The target actor follows the actor.
  const actorTarget = follow(segmentInputs(layouts.actor, 'actorTarget'), after.parameters, options.tau);
  // 15. The target critics follow the critics.
  const criticTargets = follow(segmentInputs(layouts.critics, 'criticTargets'), criticSegments, options.tau);
  return write('td3_policy', {
    actorMetrics: row([loss]),
    ...adamOutputs('actor', after),
    ...segmentOutputs('actorTarget', actorTarget),
    ...segmentOutputs('criticTargets', criticTargets),
  });
}

type Twins = [TensorExpr, TensorExpr];

/** The input `batch` holds the columns one after the other, each row-major; one value a row makes a row [1, rows]. */
function batchInput(options: LearnerOptions) {
  const columns = batchColumns(options);
  const rows = options.batchSize;
  const width = Object.values(columns).reduce((sum, n) => sum + n, 0);
  const batch = input('batch', [1, rows * width]);
  let end = 0;
  const take = (n: number, shape: readonly number[]): TensorExpr => {
    end += rows * n;
    return reshape(slice(batch, 1, end - rows * n, end), shape);
  };
  return {
    observation: take(columns.observation, [rows, columns.observation]),
    action: take(columns.action, [rows, columns.action]),
    reward: take(1, [1, rows]),
    nextObservation: take(columns.nextObservation, [rows, columns.nextObservation]),
    terminated: take(1, [1, rows]),
    targetNoise: take(columns.targetNoise, [rows, columns.targetNoise]),
  };
}

/** target ← tau · online + (1 − tau) · target */
function follow(target: readonly TensorExpr[], online: readonly TensorExpr[], tau: number): TensorExpr[] {
  return target.map((before, i) =>
    add(mul(online[i] as TensorExpr, constant(tau)), mul(before, constant(1 - tau))),
  );
}

function adamInputs(layout: ParameterLayout, name: string): AdamStep {
  return {
    parameters: segmentInputs(layout, name),
    firstMoment: segmentInputs(layout, `${name}.firstMoment`),
    secondMoment: segmentInputs(layout, `${name}.secondMoment`),
  };
}

function adamOutputs(name: string, after: AdamStep): Record<string, TensorExpr> {
  return {
    ...segmentOutputs(name, after.parameters),
    ...segmentOutputs(`${name}.firstMoment`, after.firstMoment),
    ...segmentOutputs(`${name}.secondMoment`, after.secondMoment),
  };
}

function segmentOutputs(name: string, segments: readonly TensorExpr[]): Record<string, TensorExpr> {
  return Object.fromEntries(segments.map((segment, i) => [`next.${segmentName(name, i)}`, segment]));
}

/** [1, n] */
function row(scalars: readonly TensorExpr[]): TensorExpr {
  return concat(
    scalars.map((scalar) => reshape(scalar, [1, 1])),
    1,
  );
}

function write(graphName: string, outputs: Readonly<Record<string, TensorExpr>>): OnnxModel {
  return traceModel(outputs, { graphName, producerName: 'gymwire', producerVersion: '1' });
}
