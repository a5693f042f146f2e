/**
 * A run that is stopped half-way, as by Ctrl-C, and goes on. Started again, it goes on from where it was:
 * `node examples/dist/resume/train.js [folder [address]]`.
 */
import '../plain-errors.ts';
import { readRunSummary, train } from '@gymwire/agent-sdk';
import { openServer } from '../open-server.ts';
import { stopOnRequest } from '../stop-signal.ts';

const [runFolder = 'runs/resume', address] = process.argv.slice(2);
const options = { envId: 'Pendulum-v1', totalEnvSteps: 4_000 };
const interrupted = stopOnRequest();
const server = await openServer(address);

/** Steps of the run that is in the folder; 0 where there is none. */
const summary = await readRunSummary(runFolder).catch((error: unknown) => {
  if ((error as { readonly code?: unknown }).code === 'RUN_NOT_FOUND') return undefined;
  throw error;
});

if (summary === undefined) {
  const halfWay = new AbortController();
  const { status, envSteps } = await train({
    server: server.address,
    options,
    runFolder,
    signal: AbortSignal.any([interrupted, halfWay.signal]),
    onProgress(event) {
      if (event.type === 'step' && event.envSteps >= 2_000) halfWay.abort();
    },
  });
  console.log(`${status} after ${envSteps} steps; all of it is in ${runFolder}`);
  interrupted.throwIfAborted();
}

// Options are the run's own; steps, goal and checkpoints may be others.
const { status, envSteps, episodes } = await train({
  server: server.address,
  runFolder,
  resume: true,
  options: { totalEnvSteps: Math.max(options.totalEnvSteps, (summary?.envSteps ?? 0) + 1_000) },
  signal: interrupted,
});
console.log(`${status} after ${envSteps} steps and ${episodes} episodes`);
interrupted.throwIfAborted();
await server.shutdown();
