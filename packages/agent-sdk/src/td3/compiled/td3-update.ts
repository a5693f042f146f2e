import {
  add,
  clip,
  concat,
  constant,
  mean,
  minimum,
  mul,
  neg,
  type OnnxModel,
  slice,
  square,
  stopGradient,
  sub,
  type TensorExpr,
  traceModel,
} from '@gymwire/onnx-graph';
import type { LearnerOptions } from '../learner.ts';
import {
  act,
  gradientOutputs,
  type TracedNetwork,
  traceNetwork,
  value,
  vectorPart,
} from './graphs/traced-networks.ts';
import {
  type BatchColumn,
  criticsOf,
  type ExchangedColumn,
  type GraphName,
  layOutNetworks,
  layOutUpdateVector,
  layoutOf,
  type NetworkName,
  type Role,
} from './memory/update-vector.ts';

/**
 * Steps 5 to 11 of TD3 (Fujimoto, van Hoof and Meger, 2018, algorithm 1) as one graph: what every update does, up to
 * the gradient of both critics. Behind the gradient come Q1, Q2 and y of each row.
 */
export function traceCriticUpdate(options: LearnerOptions): OnnxModel {
  const inputs = graphInputs(options, 'whole', 'critics');
  const { network } = inputs;
  // 7. Both target critics value (s', a').
  const nextPair = targetPair(options, inputs);
  const nextQ1 = value(network('criticTarget1'), nextPair);
  const nextQ2 = value(network('criticTarget2'), nextPair);
  const target = targetOf(options, inputs, nextQ1, nextQ2);
  // 10. Both critics value (s, a).
  const critics = [network('critic1'), network('critic2')];
  const [q1, q2] = critics.map((critic) => value(critic, inputs.column('input'))) as [TensorExpr, TensorExpr];
  // 11. The loss is MSE(Q1, y) + MSE(Q2, y).
  const loss = add(meanSquaredError(q1, target), meanSquaredError(q2, target));
  return write('td3_critics', gradientOutputs(loss, critics, [q1, q2, target]));
}

/** Steps 5 to 7 for one of the critics: what its target says of (s', a') in each row. */
export function traceTargets(options: LearnerOptions, role: Role): OnnxModel {
  const inputs = graphInputs(options, role, 'targets');
  const [{ target }] = criticsOf(role);
  return write('td3_targets', { nextQ: value(inputs.network(target), targetPair(options, inputs)) });
}

/** Steps 8 to 11 for one of the critics, up to its gradient. Behind it come Q and y of each row. */
export function traceOneCritic(options: LearnerOptions, role: Role): OnnxModel {
  const inputs = graphInputs(options, role, 'critic');
  const target = targetOf(options, inputs, inputs.column('nextQ1'), inputs.column('nextQ2'));
  const critic = inputs.network(criticsOf(role)[0].online);
  const q = value(critic, inputs.column('input'));
  return write('td3_critic', gradientOutputs(meanSquaredError(q, target), [critic], [q, target]));
}

type GraphInputs = ReturnType<typeof graphInputs>;

/** @returns [rows, 1 + observationSize + actionSize]: what the target critics value */
function targetPair(options: LearnerOptions, { network, column }: GraphInputs): TensorExpr {
  // 5. The target actor plays a' from s'.
  const targetAction = act(network('actorTarget'), column('nextInput'));
  // 6. Clipped noise on a', then a' clamped to the action range.
  const { targetPolicyNoise, targetNoiseClip } = options;
  const scaledNoise = mul(column('targetNoise'), constant(targetPolicyNoise));
  const noise = clip(scaledNoise, -targetNoiseClip, targetNoiseClip);
  return concat([column('nextInput'), clip(add(targetAction, noise), -1, 1)], 1);
}

/** @returns y, [1, rows] */
function targetOf(
  { gamma }: LearnerOptions,
  { column }: GraphInputs,
  nextQ1: TensorExpr,
  nextQ2: TensorExpr,
): TensorExpr {
  // 8. The smaller of the two.
  const nextQ = minimum(nextQ1, nextQ2);
  // 9. y = r + gamma · (1 − terminated) · min, a constant to the losses.
  const discount = mul(sub(constant(1), column('terminated')), constant(gamma));
  return stopGradient(add(column('reward'), mul(discount, nextQ)));
}

function meanSquaredError(q: TensorExpr, target: TensorExpr): TensorExpr {
  return mean(square(sub(q, target)));
}

/**
 * Step 13 as one graph: what every policyDelay-th update does after its steps 5 to 12, up to the gradient of the
 * actor. Behind the gradient comes Q1 of each row.
 */
export function tracePolicyUpdate(options: LearnerOptions, role: Role): OnnxModel {
  const { network, column } = graphInputs(options, role, 'policy');
  const observation = slice(column('input'), 1, 0, 1 + options.observationSize);

  // 13. The actor ascends Q1(s, actor(s)).
  const actor = network('actor');
  const q1 = value(network('critic1'), concat([observation, act(actor, observation)], 1));
  return write('td3_policy', gradientOutputs(neg(mean(q1)), [actor], [q1]));
}

/** What a graph finds in its stretch of the update vector. */
function graphInputs(options: LearnerOptions, role: Role, graph: GraphName) {
  const layouts = layOutNetworks(options);
  const { parts, widths, graphs } = layOutUpdateVector(options, role);
  const stretch = graphs[graph];
  const rows = options.batchSize;
  return {
    network: (name: NetworkName): TracedNetwork =>
      traceNetwork(name, layoutOf(name, layouts), stretch, parts[name].offset),
    /** [rows, width], or [1, rows] of what is one value a row. */
    column: (name: BatchColumn | ExchangedColumn): TensorExpr =>
      vectorPart(stretch, parts[name].offset, isScalar.has(name) ? [1, rows] : [rows, widths[name]]),
  };
}

const isScalar: ReadonlySet<string> = new Set(['reward', 'terminated', 'nextQ1', 'nextQ2']);

function write(graphName: string, outputs: Readonly<Record<string, TensorExpr>>): OnnxModel {
  return traceModel(outputs, { graphName, producerName: 'gymwire', producerVersion: '1' });
}
