/**
 * A program that serves the environments that misbehave: misbehaving-server.mjs [worker | process]. Without either they
 * run in its own thread, and what they do happens to it. Its first line names its address.
 */

import { isolations } from '@gymwire/env';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { misbehavingEnvs } from './misbehaving-envs.mjs';

const module = { url: new URL('./misbehaving-envs.mjs', import.meta.url), exportName: 'misbehavingEnvs' };
const hosting = isolations
  .filter((isolate) => isolate === process.argv[2])
  .map((isolate) => ({ isolate, maxMemoryMb: 300 }));

const server = await startEnvServer({
  port: 0,
  // Fewer than there are environments: a place that is not given back is missed.
  maxSessions: 16,
  // Of clients that went without a word.
  idleTimeoutMs: 5000,
  envs: [
    ...builtinEnvs,
    ...misbehavingEnvs.map((registration) => ({ ...registration, module, ...hosting[0] })),
  ],
});
process.stdout.write(`serving ${server.address}\n`);
process.on('message', () => process.send?.(server.sessionCount));
process.on('SIGTERM', () => void server.shutdown().then(() => process.disconnect()));
