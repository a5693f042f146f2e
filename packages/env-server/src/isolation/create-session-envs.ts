/** Where a session's environments live: in the server's thread, in threads of their own, or in a process. */
import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { createLocalEnvs } from '../slots/local-envs.ts';
import type { CreateEnvs, EnvsPlan } from '../slots/session-envs.ts';
import { createHostedEnvs } from '../threads/hosted-envs.ts';
import { ThreadGroup } from '../threads/thread-group.ts';
import { defaultMaxMemoryMb } from './memory-limit.ts';
import { createOutputRelay } from './output-relay.ts';
import { ProcessGroup } from './process-group.ts';

export interface HostingOptions {
  /** Threads of one vector session with heavy environments; default: the number of cores. 1: none. */
  readonly envThreads?: number;
}

export function createSessionEnvs({ envThreads }: HostingOptions, log: Logger): CreateEnvs {
  return (plan, signal) => {
    const { isolate, id, maxMemoryMb = defaultMaxMemoryMb() } = plan.registration;
    const threads = threadsFor(plan, envThreads ?? availableParallelism());
    const onOutput = createOutputRelay(log, id);
    switch (isolate) {
      case 'process':
        return createHostedEnvs(
          plan,
          1,
          ([share]) => new ProcessGroup(share, { maxMemoryMb, onOutput }),
          signal,
        );
      case 'worker': {
        const options = { sleeps: false, maxMemoryMb, onOutput };
        return createHostedEnvs(plan, threads, (shares) => new ThreadGroup(shares, options), signal);
      }
      default:
        if (threads === 1) return createLocalEnvs(plan, signal);
        return createHostedEnvs(plan, threads, (shares) => new ThreadGroup(shares, { sleeps: true }), signal);
    }
  };
}

/** Several where they pay: for several heavy environments. */
function threadsFor({ registration: { heavy, module }, copies }: EnvsPlan, most: number): number {
  return heavy === true && module !== undefined ? Math.min(most, copies) : 1;
}
