/**
 * `train` over gRPC, in an environment whose observations go dead, with its compiled learner in a thread and a session
 * made on the main thread first: `denormals-subject.js <settings as JSON>`. A unit is one environment step.
 */
import { train } from '@gymwire/agent-sdk';
import { createCompiledLearner, type Learner, type LearnerState, remoteEnvs } from '@gymwire/agent-sdk/parts';
import { createProducts } from '../learner/sgemm.ts';
import { median } from '../support/statistics.ts';
import { introduce, serveRequests, timeInterval } from '../support/subject-process.ts';
import { deadEnvId } from '../train/bench-envs.ts';
import { Gate } from '../train/gate.ts';
import { startServer } from '../train/server-link.ts';
import type { DenormalSettings } from './denormals-bench.ts';
import { type ThreadIds, threadCpuSeconds, threadIds } from './thread-time.ts';

const forEver = 1_000_000_000;
const { keepDenormals, hiddenSizes, batchSize, ...settings } = JSON.parse(
  process.argv[2],
) as DenormalSettings;

let learner: Learner | undefined;
let learnerThreads: ThreadIds = [];
/** Milliseconds of each update since they were last taken. */
let updateTimes: number[] = [];

/** The same learner, each update of which is timed. */
function timed(inner: Learner): Learner {
  return {
    description: inner.description,
    async update(batch, targetNoise) {
      const start = performance.now();
      await inner.update(batch, targetNoise);
      updateTimes.push(performance.now() - start);
    },
    readMetrics: () => inner.readMetrics(),
    actorWeights: () => inner.actorWeights(),
    exportState: () => inner.exportState(),
    importState: (state) => inner.importState(state),
    setLearningRates: (rates) => inner.setLearningRates(rates),
    dispose: () => inner.dispose(),
  };
}

function countDenormals({ actorAdam, criticAdams }: LearnerState): number {
  const smallestNormal = 2 ** -126;
  return [actorAdam, ...criticAdams]
    .flatMap(({ firstMoment, secondMoment }) => [...firstMoment, ...secondMoment])
    .flatMap(({ weight, bias }) => [weight, bias])
    .reduce((sum, values) => sum + values.filter((x) => x !== 0 && Math.abs(x) < smallestNormal).length, 0);
}

// The first session of the process decides how onnxruntime treats denormals in its own thread, and only there.
const act = await createProducts();
await act();

const server = await startServer();
const gate = new Gate(settings.freeSteps);
train({
  options: {
    envId: deadEnvId,
    envArguments: { live_steps: settings.liveSteps },
    hiddenSizes,
    batchSize,
    learningStarts: settings.learningStarts,
    gradientStepsPerTransition: settings.updatesPerStep,
    // Small, so that what was seen alive is soon forgotten.
    bufferSize: settings.bufferSize,
    totalEnvSteps: forEver,
    evaluationInterval: forEver,
  },
  makeEnv: gate.guardTraining(remoteEnvs(server.connection)),
  createLearner: async (options, state) => {
    const before = new Set(threadIds());
    learner = timed(await createCompiledLearner(options, state, { diagnostics: { keepDenormals } }));
    learnerThreads = threadIds().filter((id) => !before.has(id));
    return learner;
  },
}).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

await gate.closed();
introduce({
  version: `Node ${process.version}`,
  includes:
    'each update() of the learner, from the trainer’s call to its answer, while the environment steps',
  differs: '',
});
await serveRequests(async ({ count, inspect = false }) => {
  updateTimes = [];
  const cpuBefore = threadCpuSeconds(learnerThreads);
  const interval = await timeInterval(() => gate.pass(count));
  const learnerSeconds = threadCpuSeconds(learnerThreads) - cpuBefore;
  const [updates, updateMs] = [updateTimes.length, median(updateTimes)];
  const { rss, heapUsed } = process.memoryUsage();
  const denormals = inspect && learner !== undefined ? countDenormals(await learner.exportState()) : 0;
  const learnerCpuMs = (learnerSeconds / updates) * 1e3;
  return { ...interval, extra: { updates, updateMs, learnerCpuMs, rss, heapUsed, denormals } };
});
