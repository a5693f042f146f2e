import type { ActionScaler } from '../../policy/action-scaler.ts';
import type { Actor } from '../../policy/actor.ts';
import { ActorPolicy } from '../../policy/actor-policy.ts';
import { type EvaluateOptions, type EvaluationResult, evaluate } from '../../rollout/evaluate.ts';
import { type ActorFault, ActorWatch } from './actor-watch.ts';

export interface WatchedEvaluation {
  readonly result: EvaluationResult;
  readonly fault: ActorFault | undefined;
}

/**
 * Evaluates the actor that trains, and looks at what it plays. It may be in the middle of training's episodes: what it
 * remembers of them is the same afterwards.
 * @throws AgentError as `evaluate`
 */
export async function evaluateActor(
  actor: Actor,
  scaler: ActionScaler,
  options: Omit<EvaluateOptions, 'policy'>,
): Promise<WatchedEvaluation> {
  const watch = new ActorWatch(scaler.size);
  const watched: Actor = {
    act(observations, out) {
      actor.act(observations, out);
      watch.see(observations, out);
    },
    reset: (rows) => actor.reset(rows),
    memory: actor.memory,
  };
  const training = actor.memory?.exportState();
  try {
    const result = await evaluate({ ...options, policy: new ActorPolicy(watched, scaler) });
    return { result, fault: watch.verdict() };
  } finally {
    if (training !== undefined) actor.memory?.importState(training);
  }
}
