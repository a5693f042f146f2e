/**
 * Callbacks: one that is ready, and one of your own that keeps its state in the checkpoint.
 * `node examples/dist/callbacks/train.js [address]`
 */
import '../plain-errors.ts';
import { train } from '@gymwire/agent-sdk';
import { everySteps, stopOnNoImprovement } from '@gymwire/agent-sdk/callbacks';
import { openServer } from '../open-server.ts';
import { stopOnRequest, stopSignal } from '../stop-signal.ts';
import { worstEpisode } from './worst-episode.ts';

const [address] = process.argv.slice(2);
const server = await openServer(address);
const result = await train({
  server: server.address,
  options: { envId: 'Pendulum-v1', totalEnvSteps: 4_000, evaluationInterval: 1_000 },
  callbacks: [
    worstEpisode(),
    stopOnNoImprovement({ patience: 3 }),
    everySteps(2_000, (context) => context.setLearningRates({ actor: context.learningRates.actor / 2 })),
    everySteps(1_500, (context) => context.evaluate()),
    {
      name: 'printing',
      onEvaluation: (_, { envSteps, meanReturn }) =>
        console.log(`step ${envSteps}: return ${meanReturn.toFixed(1)}`),
    },
  ],
  signal: stopOnRequest(),
});
await server.shutdown();

const { status, stoppedBy, envSteps } = result;
console.log(`${status} after ${envSteps} steps${stoppedBy === null ? '' : `: ${stoppedBy.reason}`}`);
if (stopSignal.aborted) process.exitCode = 130;
