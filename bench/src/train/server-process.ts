/** A gymwire server in a process of its own; tells its address, and its CPU time when asked. */

import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { benchEnvs } from './bench-envs.ts';

export type ServerMessage =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'cpu'; readonly seconds: number };

const envs = [...builtinEnvs, ...benchEnvs];
const { address } = await startEnvServer({ port: 0, envs });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  tell({ kind: 'cpu', seconds: (user + system) / 1e6 });
});
process.on('disconnect', () => process.exit());
tell({ kind: 'address', address });

function tell(message: ServerMessage): void {
  process.send?.(message);
}
