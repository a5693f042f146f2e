/** The server under attack, in a process of its own. */
import { builtinEnvs, conformanceEnv, createEnvRegistry, startEnvServer } from '@gymwire/env-server';
import { pino } from 'pino';

export interface AbusedServerReady {
  readonly address: string;
}

const { address } = await startEnvServer({
  port: 0,
  registry: createEnvRegistry([...builtinEnvs, conformanceEnv]),
  logger: pino({ level: 'error' }, pino.destination(2)),
});
const ready: AbusedServerReady = { address };
process.send?.(ready);
process.on('message', () => {
  globalThis.gc?.();
  process.send?.('tidy');
});
process.on('disconnect', () => process.exit());
