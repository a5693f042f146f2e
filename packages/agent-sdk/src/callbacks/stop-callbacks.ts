import { shown } from '@gymwire/protocol';
import { AgentError } from '../errors.ts';
import type { CallbackContext, CallbackState, TrainCallback } from './callback.ts';

/**
 * Stops the run once an evaluation's mean return reaches a bound. (Stable-Baselines3: StopTrainingOnRewardThreshold.) The option
 * `stopAtReturn` does the same, and the run's status is `solved` then.
 */
export function stopOnReward(meanReturn: number): TrainCallback {
  if (!Number.isFinite(meanReturn))
    throw invalid('stopOnReward', `expected a finite return, got ${shown(meanReturn)}`);
  return {
    name: 'stopOnReward',
    onEvaluation(context, evaluation) {
      if (evaluation.meanReturn < meanReturn) return;
      context.stop(describeReached(evaluation.meanReturn, meanReturn, context));
    },
  };
}

/** In words, for people. */
export function describeReached(
  found: number,
  bound: number,
  { envSteps }: Pick<CallbackContext, 'envSteps'>,
): string {
  return `the evaluation at step ${envSteps} has a mean return of ${found}, which reaches ${bound}`;
}

/** When to give up. */
export interface NoImprovementSettings {
  /** Evaluations in a row without a better mean return, after which the run stops. */
  readonly patience: number;
  /** A better one is better by more than this; default 0. */
  readonly minImprovement?: number | undefined;
  /** Evaluations before these count for nothing; default 0. */
  readonly minEvaluations?: number | undefined;
}

/**
 * Stops the run when evaluations no longer get better. (Keras: EarlyStopping; Stable-Baselines3: StopTrainingOnNoModelImprovement.)
 * What it has seen is kept in the checkpoint.
 */
export function stopOnNoImprovement(settings: NoImprovementSettings): TrainCallback {
  const { patience, minImprovement = 0, minEvaluations = 0 } = settings;
  expectCount('patience', patience, 1);
  expectCount('minEvaluations', minEvaluations, 0);
  if (!(Number.isFinite(minImprovement) && minImprovement >= 0)) {
    throw invalid('minImprovement', `expected a finite number from zero on, got ${shown(minImprovement)}`);
  }
  let seen = { evaluations: 0, best: null as number | null, withoutImprovement: 0 };
  return {
    name: 'stopOnNoImprovement',
    onEvaluation(context, { meanReturn }) {
      const { evaluations, best, withoutImprovement } = seen;
      const isBetter = best === null || meanReturn > best + minImprovement;
      const counts = evaluations >= minEvaluations;
      seen = {
        evaluations: evaluations + 1,
        best: isBetter ? meanReturn : best,
        withoutImprovement: isBetter || !counts ? 0 : withoutImprovement + 1,
      };
      if (seen.withoutImprovement < patience) return;
      context.stop(`${patience} evaluations in a row were not better than ${seen.best}`);
    },
    state: () => ({ ...seen }),
    restore(state) {
      seen = restored(state);
    },
  };
}

function restored(state: CallbackState) {
  const { evaluations, best, withoutImprovement } = state as Record<string, unknown>;
  const isBest = best === null || typeof best === 'number';
  if (typeof evaluations === 'number' && isBest && typeof withoutImprovement === 'number') {
    return { evaluations, best, withoutImprovement };
  }
  throw new AgentError('INVALID_STATE', `stopOnNoImprovement: expected what it saved, got ${shown(state)}`);
}

function expectCount(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw invalid(name, `expected a whole number from ${least} on, got ${shown(value)}`);
}

function invalid(where: string, what: string): AgentError {
  return new AgentError('INVALID_OPTION', `${where}: ${what}`);
}
