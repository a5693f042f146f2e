import { type EnvRegistration } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';

/** A built-in environment whose resets tell how much memory their process has. */
function telling(registration: EnvRegistration): EnvRegistration {
  return {
    ...registration,
    // Threads of its own would be measured otherwise.
    heavy: false,
    async make(args) {
      const env = await registration.make(args);
      return {
        observationSpace: env.observationSpace,
        actionSpace: env.actionSpace,
        step: (action) => env.step(action),
        async reset(options) {
          const { observation } = await env.reset(options);
          return { observation, info: { rss_mb: process.memoryUsage.rss() / 2 ** 20 } };
        },
      };
    },
  };
}

/** What threads and processes import. */
export const isolatedEnvs: readonly EnvRegistration[] = builtinEnvs.map(telling);
