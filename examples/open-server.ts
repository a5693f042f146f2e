import { type EnvRegistration, startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';

/** A server: the one at an address, or, without one, our own for as long as this program runs. */
export async function openServer(
  address: string | undefined,
  envs: readonly EnvRegistration[] = builtinEnvs,
): Promise<{ readonly address: string; shutdown(): Promise<void> }> {
  if (address === undefined) return startEnvServer({ envs, port: 0 });
  return { address, shutdown: () => Promise.resolve() };
}
