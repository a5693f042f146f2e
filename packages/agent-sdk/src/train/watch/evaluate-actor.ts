import type { ActionScaler } from '../../policy/action-scaler.ts';
import type { Actor } from '../../policy/actor.ts';
import { ActorPolicy } from '../../policy/actor-policy.ts';
import { type EvaluateOptions, type EvaluationResult, evaluate } from '../../rollout/evaluate.ts';
import type { ValueMetrics } from '../../run-folder/metrics.ts';
import { type ActorFault, ActorWatch } from './actor-watch.ts';
import { type EvaluatedCritics, ValueTrace } from './value-trace.ts';

export interface WatchedEvaluation {
  readonly result: EvaluationResult;
  readonly fault: ActorFault | undefined;
  /** What the critics believed of its states, against what came. */
  readonly values: ValueMetrics;
}

/**
 * Evaluates the actor that trains, and looks at what it plays and at what the critics of that moment believe of it. It may be in the middle of training's episodes: what it
 * remembers of them is the same afterwards.
 * @throws AgentError as `evaluate`
 */
export async function evaluateActor(
  actor: Actor,
  critics: EvaluatedCritics,
  scaler: ActionScaler,
  options: Omit<EvaluateOptions, 'policy'>,
): Promise<WatchedEvaluation> {
  const watch = new ActorWatch(scaler.size);
  const trace = new ValueTrace();
  const watched: Actor = {
    act(observations, out) {
      actor.act(observations, out);
      watch.see(observations, out);
      trace.act(observations, out);
    },
    reset: (rows) => actor.reset(rows),
    memory: actor.memory,
  };
  const training = actor.memory?.exportState();
  try {
    const result = await evaluate({ ...options, policy: new ActorPolicy(watched, scaler), watch: trace });
    return { result, fault: watch.verdict(), values: trace.compare(critics) };
  } finally {
    if (training !== undefined) actor.memory?.importState(training);
  }
}
