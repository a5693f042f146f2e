import { availableParallelism } from 'node:os';
import { createThreadedEnvs } from '../threads/threaded-envs.ts';
import { createLocalEnvs } from './local-envs.ts';
import type { EnvsPlan, SessionEnvs } from './session-envs.ts';

/**
 * Threads where they pay: several heavy environments and more than one core.
 * @param maxThreads default: the number of cores
 */
export function createSessionEnvs(
  plan: EnvsPlan,
  maxThreads: number = availableParallelism(),
): Promise<SessionEnvs> {
  const { heavy, module } = plan.registration;
  const threads = heavy && module !== undefined ? Math.min(maxThreads, plan.copies) : 1;
  return threads > 1 ? createThreadedEnvs(plan, threads) : createLocalEnvs(plan);
}
