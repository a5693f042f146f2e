import { availableParallelism } from 'node:os';
import type { LearnerOptions } from '../../learner.ts';

/** Environment, trainer, and a thread for each critic. */
const busyWithTwo = 3;
/** Multiplications of one forward pass over a batch. Below, telling the other thread costs what it saves. */
const smallestWork = 2e6;

/** Cores for each of several runs on this machine at a time. */
export function coresOfEach(runs: number): number {
  return Math.max(1, Math.floor(availableParallelism() / runs));
}

/**
 * Two threads where they pay: large networks, and a core to spare beside the environment and the trainer. The bits
 * of a run are the same either way.
 * @param cores that this process may use
 */
export function sensibleThreadCount(options: LearnerOptions, cores = coresOfEach(1)): 1 | 2 {
  if (cores < busyWithTwo) return 1;
  const { observationSize, actionSize, hiddenSizes, batchSize } = options;
  const widths = [observationSize + actionSize, ...hiddenSizes, 1];
  let work = 0;
  for (let i = 1; i < widths.length; i++) work += batchSize * widths[i - 1] * widths[i];
  return work < smallestWork ? 1 : 2;
}
