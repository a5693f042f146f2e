/** `train` over gRPC behind requests: `our-trainer.js <mode> <settings as JSON> <learner threads>`; a unit is one environment step. */
import { type TrainOptions, train } from '@gymwire/agent-sdk';
import { remoteEnvs } from '@gymwire/agent-sdk/parts';
import { introduce, serveRequests, timeInterval } from '../support/subject-process.ts';
import { Gate } from './gate.ts';
import { startServer } from './server-link.ts';
import type { TrainerSettings } from './settings.ts';

const forEver = 1_000_000_000;

const [mode, text, threadCount] = process.argv.slice(2) as ['pipelined' | 'alternating', string, string];
const threads = threadCount === '2' ? 2 : 1;
const settings = JSON.parse(text) as TrainerSettings;
const server = await startServer();
const gate = new Gate(settings.freeSteps);

function trainOptions(): TrainOptions {
  const { envId, hiddenSizes, batchSize, learningRate, gamma, learningStarts, sleepMs } = settings;
  return {
    envId,
    mode,
    hiddenSizes,
    batchSize,
    gamma,
    learningStarts,
    actorLearningRate: learningRate,
    criticLearningRate: learningRate,
    totalEnvSteps: forEver,
    evaluationInterval: forEver,
    ...(sleepMs === undefined ? {} : { envArguments: { sleep_ms: sleepMs } }),
  };
}

train({
  options: trainOptions(),
  makeEnv: gate.guardTraining(remoteEnvs(server.connection)),
  learner: 'compiled',
  learnerThreads: threads,
}).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

await gate.closed();
introduce({
  version: `Node ${process.version}`,
  includes: `train() through the SDK, ${mode}: compiled learner in ${threads === 1 ? 'its thread' : 'two threads'}, environment in a server process of its own, gRPC between; CPU time of both processes`,
  differs: '',
});
await serveRequests(async ({ count }) => {
  const before = await server.cpuSeconds();
  const interval = await timeInterval(() => gate.pass(count));
  const serverCpu = (await server.cpuSeconds()) - before;
  return { ...interval, cpuSeconds: interval.cpuSeconds + serverCpu };
});
