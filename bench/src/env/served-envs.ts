import { builtinEnvs, createEnvRegistry } from '@gymwire/env-server';

/** What the bench can measure. */
export function benchRegistry() {
  return createEnvRegistry(builtinEnvs);
}
