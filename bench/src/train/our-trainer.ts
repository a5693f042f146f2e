/** `train` over gRPC behind requests: `our-trainer.js <mode> <settings as JSON> <learner threads>`; a unit is one environment step. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TrainOptions, train } from '@gymwire/agent-sdk';
import { everySteps, type TrainCallback } from '@gymwire/agent-sdk/callbacks';
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
    // What a checkpoint takes depends on the replay, and has a line of its own in timing.jsonl.
    checkpointInterval: forEver,
    ...(sleepMs === undefined ? {} : { envArguments: { sleep_ms: sleepMs } }),
  };
}

function runFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gymwire-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'run');
}

/** Told of all that there is, with a line of its own as often as training has one. */
function callbacks(): readonly TrainCallback[] {
  let told = 0;
  const count = () => void (told += 1);
  return [
    { name: 'counting', onStep: count, onEpisode: count, onTraining: count, state: () => told },
    everySteps(1_000, (context) => context.addMetrics({ told })),
  ];
}

const { extras } = settings;
train({
  options: trainOptions(),
  runFolder: extras === undefined ? undefined : runFolder(),
  ...(extras === 'run folder and callbacks' && { callbacks: callbacks() }),
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
