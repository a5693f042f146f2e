/** A gymwire server in a process of its own that says how much memory it has; started with --expose-gc. */
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';

export interface SoakServerReady {
  readonly address: string;
}

export interface SoakServerReply {
  readonly residentBytes: number;
}

const { address } = await startEnvServer({ envs: builtinEnvs, port: 0 });
const ready: SoakServerReady = { address };
process.send?.(ready);
process.on('message', () => {
  globalThis.gc?.();
  const reply: SoakServerReply = { residentBytes: process.memoryUsage.rss() };
  process.send?.(reply);
});
process.on('disconnect', () => process.exit());
