/** Where one trainer ends, in closed form; docs/scaling.md has the formulas. */
import type { Fleet, TrainerCosts } from './fleet-model.ts';

type Sizes = Pick<Fleet, 'envsPerHost' | 'stepMs' | 'delayMs' | 'updatesPerTransition'>;

/** ms of each part's work for one step of a fleet. */
export interface StepParts {
  readonly learnerMs: number;
  readonly threadMs: number;
  readonly hostMs: number;
}

export function stepParts(costs: TrainerCosts, hosts: number, fleet: Sizes): StepParts {
  const { envsPerHost, stepMs, delayMs, updatesPerTransition } = fleet;
  const envs = hosts * envsPerHost;
  return {
    learnerMs: envs * updatesPerTransition * costs.updateMs,
    threadMs:
      hosts * costs.messageMs + envs * (costs.actMs + costs.rowMs + updatesPerTransition * costs.drawMs),
    hostMs: delayMs + envsPerHost * stepMs,
  };
}

/** Transitions a second: the learner works while the environments step; the trainer's thread does so only in part. */
export function transitionsPerSecond(costs: TrainerCosts, hosts: number, fleet: Sizes): number {
  const { learnerMs, threadMs, hostMs } = stepParts(costs, hosts, fleet);
  return (hosts * fleet.envsPerHost * 1e3) / Math.max(learnerMs, threadMs + hostMs);
}

/** What sets the pace. */
export function paceSetter(costs: TrainerCosts, hosts: number, fleet: Sizes): 'learner' | 'thread' | 'hosts' {
  const { learnerMs, threadMs, hostMs } = stepParts(costs, hosts, fleet);
  if (learnerMs >= threadMs + hostMs) return 'learner';
  return threadMs > hostMs ? 'thread' : 'hosts';
}

/**
 * The number of hosts beyond which another one helps no longer: the learner is busy all the time, or the trainer's thread takes as
 * long as the hosts do, and so another host brings less than half of what the first one did.
 */
export function usefulHosts(costs: TrainerCosts, fleet: Sizes): number {
  const one = stepParts(costs, 1, fleet);
  const spareMs = one.learnerMs - one.threadMs;
  const byLearner = spareMs > 0 ? one.hostMs / spareMs : Infinity;
  const byThread = one.hostMs / one.threadMs;
  return Math.max(1, Math.ceil(Math.min(byLearner, byThread)));
}
