/**
 * Three ways to end a training before its steps are done: a goal, your own rule, Ctrl-C or a clock.
 * `node examples/dist/early-stop/train.js [address [goal]]`
 */
import '../plain-errors.ts';
import { type ProgressEvent, train } from '@gymwire/agent-sdk';
import { openServer } from '../open-server.ts';
import { stopOnRequest, stopSignal } from '../stop-signal.ts';

const [address, goal = '-215'] = process.argv.slice(2);
const server = await openServer(address);

const enough = new AbortController();
const signal = AbortSignal.any([stopOnRequest(), enough.signal, AbortSignal.timeout(10 * 60_000)]);

/** Patience: six evaluations in a row without a better one are enough. */
let best = Number.NEGATIVE_INFINITY;
let worse = 0;
function onProgress(event: ProgressEvent): void {
  if (event.type === 'warning') console.log(`warning: ${event.message}`);
  if (event.type !== 'evaluation') return;
  console.log(`step ${event.envSteps}: return ${event.meanReturn.toFixed(1)}`);
  worse = event.meanReturn > best ? 0 : worse + 1;
  best = Math.max(best, event.meanReturn);
  if (worse >= 6) enough.abort(new Error('no better evaluation in six'));
}

const result = await train({
  server: server.address,
  options: { envId: 'Pendulum-v1', totalEnvSteps: 20_000, stopAtReturn: Number(goal) },
  signal,
  onProgress,
});
await server.shutdown();

const reason = signal.aborted ? `: ${(signal.reason as Error).message}` : '';
console.log(`${result.status} after ${result.envSteps} steps${reason}`);
if (stopSignal.aborted) process.exitCode = 130;
