import {
  add,
  clip,
  concat,
  constant,
  mean,
  minimum,
  mul,
  neg,
  slice,
  square,
  stopGradient,
  sub,
  type TensorExpr,
} from '@gymwire/onnx-graph/trace';
import type { LearnerOptions, LearningRates } from '../learner.ts';
import type { GraphInputs, GraphOutputs } from './graphs/graph-inputs.ts';
import type { LearnerGraphs } from './graphs/learner-graphs.ts';
import { act, gradientOutputs, value } from './graphs/traced-networks.ts';
import type { LearnerMemory } from './memory/learner-memory.ts';
import type { GraphName } from './memory/update-vector.ts';

/*
 * TD3 (Fujimoto, van Hoof and Meger, "Addressing Function Approximation Error in Actor-Critic Methods", 2018,
 * algorithm 1), steps 4 to 15 of 15; 1 to 3 are the replay buffer, the actor and the critics, each with its target.
 * Steps 5 to 11 and 13 are expressions, traced into ONNX graphs once. `update` runs these and does the rest in place.
 */

/** What an update works with. */
export interface UpdateParts {
  readonly options: LearnerOptions;
  readonly memory: LearnerMemory;
  readonly graphs: LearnerGraphs;
  /** Adam's step sizes; they may change between two updates. */
  learningRates: LearningRates;
  /** Hands over what this critic's target says and fills `other`, where another thread has the other critic. */
  readonly swap: ((own: Float32Array, other: Float32Array) => void) | undefined;
}

// #region update
/** One update. @param fill writes the batch and its target noise as `packBatch` does */
export async function update(parts: UpdateParts, fill: (batch: Float32Array) => void): Promise<void> {
  const { options, memory, graphs, swap, learningRates } = parts;
  // 4. A batch of transitions.
  fill(memory.batch);
  // 5. to 11. The gradient of the critics.
  if (swap === undefined) await graphs.run('critics');
  else {
    await graphs.run('targets');
    swap(memory.nextQ, memory.otherNextQ);
    await graphs.run('critic');
  }
  // 12. Adam on both critics.
  memory.countCriticUpdate();
  for (const { online } of memory.critics) memory.adam(online, learningRates.critic);
  // 13. to 15. with every policyDelay-th update of the critics.
  if (memory.steps.gradient % options.policyDelay !== 0) return;
  // 13. The actor ascends Q1(s, actor(s)).
  await graphs.run('policy');
  memory.countPolicyUpdate();
  if (memory.hasActor) memory.adam('actor', learningRates.actor);
  // 14. The target actor follows the actor.
  if (memory.hasActor) memory.follow('actorTarget', 'actor', options.tau);
  // 15. The target critics follow the critics.
  for (const { online, target } of memory.critics) memory.follow(target, online, options.tau);
}
// #endregion

// #region steps-5-to-7
/** Steps 5 to 7. @returns of each critic of the role what its target says of (s', a'), [1, rows] */
function targetValues({ options, critics, network, column }: GraphInputs): TensorExpr[] {
  // 5. The target actor plays a' from s'.
  const targetAction = act(network('actorTarget'), column('nextInput'));
  // 6. Clipped noise on a', then a' clamped to the action range.
  const { targetPolicyNoise, targetNoiseClip } = options;
  const scaledNoise = mul(column('targetNoise'), constant(targetPolicyNoise));
  const noise = clip(scaledNoise, -targetNoiseClip, targetNoiseClip);
  const nextPair = concat([column('nextInput'), clip(add(targetAction, noise), -1, 1)], 1);
  // 7. Both target critics value (s', a').
  return critics.map(({ target }) => value(network(target), nextPair));
}
// #endregion

// #region steps-8-to-11
/** Steps 8 to 11. @returns the gradient of each critic of the role; behind it Q of each, and y, of each row */
function criticGradients(inputs: GraphInputs, nextQ1: TensorExpr, nextQ2: TensorExpr): GraphOutputs {
  const { options, network, column } = inputs;
  // 8. The smaller of the two.
  const nextQ = minimum(nextQ1, nextQ2);
  // 9. y = r + gamma · (1 − terminated) · min, a constant to the losses.
  const discount = mul(sub(constant(1), column('terminated')), constant(options.gamma));
  const target = stopGradient(add(column('reward'), mul(discount, nextQ)));
  // 10. Both critics value (s, a).
  const critics = inputs.critics.map(({ online }) => network(online));
  const qs = critics.map((critic) => value(critic, column('input')));
  // 11. The loss is MSE(Q1, y) + MSE(Q2, y).
  const loss = qs.map((q) => mean(square(sub(q, target)))).reduce(add);
  return gradientOutputs(loss, critics, [...qs, target]);
}
// #endregion

// #region step-13
/** Step 13 up to the gradient of the actor. @returns it, and behind it Q1 of each row */
function actorGradient({ options, network, column }: GraphInputs): GraphOutputs {
  // 13. The actor ascends Q1(s, actor(s)).
  const actor = network('actor');
  const observation = slice(column('input'), 1, 0, 1 + options.observationSize);
  const q1 = value(network('critic1'), concat([observation, act(actor, observation)], 1));
  return gradientOutputs(neg(mean(q1)), [actor], [q1]);
}
// #endregion

/** What each graph computes: `critics` steps 5 to 11 for both, `targets` and `critic` the same for one of the two. */
export const updateGraphs: Readonly<Record<GraphName, (inputs: GraphInputs) => GraphOutputs>> = {
  critics(inputs) {
    const [nextQ1, nextQ2] = targetValues(inputs);
    return criticGradients(inputs, nextQ1, nextQ2);
  },
  targets: (inputs) => ({ nextQ: targetValues(inputs)[0] }),
  critic: (inputs) => criticGradients(inputs, inputs.column('nextQ1'), inputs.column('nextQ2')),
  policy: actorGradient,
};
