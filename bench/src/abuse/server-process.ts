/** The server under attack, in a process of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs, conformanceEnv } from '@gymwire/simulators';
import { pino } from 'pino';

export interface AbusedServerReady {
  readonly address: string;
}

/** Told on any message, after a garbage collection. */
export interface AbusedServerMemory {
  /** What is in use; the system's view has what may be used again, too. */
  readonly liveBytes: number;
}

const { address } = await startEnvServer({
  port: 0,
  envs: [...builtinEnvs, conformanceEnv],
  logger: pino({ level: 'error' }, pino.destination(2)),
});
const ready: AbusedServerReady = { address };
process.send?.(ready);
process.on('message', () => void tell());

async function tell(): Promise<void> {
  // What has a finaliser goes in the collection after the next.
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await sleep(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  const reply: AbusedServerMemory = { liveBytes: heapUsed + external };
  process.send?.(reply);
}
process.on('disconnect', () => process.exit());
