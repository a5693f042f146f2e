import {
  add,
  clip,
  concat,
  constant,
  minimum,
  mul,
  neg,
  type OnnxModel,
  slice,
  square,
  stopGradient,
  sub,
  sum,
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
} from './traced-networks.ts';
import {
  type BatchColumn,
  layOutNetworks,
  layOutUpdateVector,
  layoutOf,
  type NetworkName,
} from './update-vector.ts';

/**
 * Steps 5 to 11 of TD3 (Fujimoto, van Hoof and Meger, 2018, algorithm 1) as one graph: what every update does, up to
 * the gradient of both critics. Behind the gradient come Q1, Q2 and y of each row.
 * @param rows of the batch that this graph sees: all, or those of one thread
 */
export function traceCriticUpdate(options: LearnerOptions, rows = options.batchSize): OnnxModel {
  const { network, column } = expressions(options, rows, 'criticsGraph');
  const nextInput = column('nextInput');

  // 5. The target actor plays a' from s'.
  const targetAction = act(network('actorTarget'), nextInput);
  // 6. Clipped noise on a', then a' clamped to the action range.
  const { targetPolicyNoise, targetNoiseClip } = options;
  const scaledNoise = mul(column('targetNoise'), constant(targetPolicyNoise));
  const noise = clip(scaledNoise, -targetNoiseClip, targetNoiseClip);
  const nextAction = clip(add(targetAction, noise), -1, 1);
  // 7. Both target critics value (s', a').
  const nextPair = concat([nextInput, nextAction], 1);
  const nextQ1 = value(network('criticTarget1'), nextPair);
  const nextQ2 = value(network('criticTarget2'), nextPair);
  // 8. The smaller of the two.
  const nextQ = minimum(nextQ1, nextQ2);
  // 9. y = r + gamma · (1 − terminated) · min, a constant to the losses.
  const discount = mul(sub(constant(1), column('terminated')), constant(options.gamma));
  const target = stopGradient(add(column('reward'), mul(discount, nextQ)));
  // 10. Both critics value (s, a).
  const critics = [network('critic1'), network('critic2')];
  const [q1, q2] = critics.map((critic) => value(critic, column('input'))) as [TensorExpr, TensorExpr];
  // 11. The loss is MSE(Q1, y) + MSE(Q2, y), means over the whole batch.
  const loss = mul(add(sum(square(sub(q1, target))), sum(square(sub(q2, target)))), perRow(options));
  return write('td3_critics', gradientOutputs(loss, critics, [q1, q2, target]));
}

/**
 * Step 13 as one graph: what every policyDelay-th update does after its steps 5 to 12, up to the gradient of the
 * actor. Behind the gradient comes Q1 of each row.
 * @param rows as above
 */
export function tracePolicyUpdate(options: LearnerOptions, rows = options.batchSize): OnnxModel {
  const { network, column } = expressions(options, rows, 'policyGraph');
  const observation = slice(column('input'), 1, 0, 1 + options.observationSize);

  // 13. The actor ascends Q1(s, actor(s)).
  const actor = network('actor');
  const q1 = value(network('critic1'), concat([observation, act(actor, observation)], 1));
  const loss = neg(mul(sum(q1), perRow(options)));
  return write('td3_policy', gradientOutputs(loss, [actor], [q1]));
}

/** What a graph finds in its stretch of the update vector. */
function expressions(options: LearnerOptions, rows: number, graph: 'criticsGraph' | 'policyGraph') {
  const layouts = layOutNetworks(options);
  const { parts, widths, [graph]: stretch } = layOutUpdateVector(options, rows);
  return {
    network: (name: NetworkName): TracedNetwork =>
      traceNetwork(name, layoutOf(name, layouts), stretch, parts[name].offset),
    /** [rows, width], or [1, rows] where each row has one value. */
    column: (name: BatchColumn): TensorExpr => {
      const width = widths[name];
      return vectorPart(stretch, parts[name].offset, isRow.has(name) ? [1, rows] : [rows, width]);
    },
  };
}

const isRow: ReadonlySet<BatchColumn> = new Set<BatchColumn>(['reward', 'terminated']);

/** The factor that makes a sum over rows a part of the mean over the whole batch. */
function perRow({ batchSize }: LearnerOptions): TensorExpr {
  return constant(1 / batchSize);
}

function write(graphName: string, outputs: Readonly<Record<string, TensorExpr>>): OnnxModel {
  return traceModel(outputs, { graphName, producerName: 'gymwire', producerVersion: '1' });
}
