import { createEnvRegistry } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';

/** What the bench can measure. */
export function benchRegistry() {
  return createEnvRegistry(builtinEnvs);
}
