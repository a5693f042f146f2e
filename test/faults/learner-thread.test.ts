/** Threads of the compiled learner that die while they train. */
import type { Worker } from 'node:worker_threads';
import { readRunSummary, type TrainOptions } from '@gymwire/agent-sdk';
import { createCompiledLearner } from '@gymwire/agent-sdk/parts';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { localEnvs } from '../support/local-env.ts';
import { smallRun, trainSmall } from '../support/small-training.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** @returns which threads that this process starts from now on are alive, in their order */
function watchThreads(): () => readonly Worker[] {
  const threads: Worker[] = [];
  const add = (thread: Worker) => void threads.push(thread);
  process.on('worker', add);
  onTestFinished(() => void process.off('worker', add));
  // Node's mark of a thread that has ended.
  return () => threads.filter(({ threadId }) => threadId !== -1);
}

type Compute = typeof createCompiledLearner;

/**
 * Kills a thread as it is asked for the 50th update: the other one, where there is one, computes and waits for it. Not
 * while it computes itself: onnxruntime-node then throws where nothing catches, and takes the process with it.
 */
function killingLearner(create: Compute, findThread: () => Worker | undefined): Compute {
  return async (options, state) => {
    const learner = await create(options, state);
    const update = learner.update.bind(learner);
    let count = 0;
    let last: Promise<void> = Promise.resolve();
    learner.update = async (batch, targetNoise) => {
      count += 1;
      if (count === 50) {
        await last;
        void findThread()?.terminate();
      }
      last = update(batch, targetNoise);
      return last;
    };
    return learner;
  };
}

/** Far from its end when the thread dies. */
const longRun: Partial<TrainOptions> = { totalEnvSteps: 100_000, evaluationInterval: 100_000 };

describe.each([1, 2] as const)('a training with %i learner threads', (threadCount) => {
  it.each(Array.from({ length: threadCount }, (_, index) => index))(
    'ends with the reason when thread %i dies, and goes on from its last checkpoint',
    async (index) => {
      const runFolder = temporaryFolder();
      const liveThreads = watchThreads();
      const compute: Compute = (options, state) =>
        createCompiledLearner(options, state, { threads: threadCount });
      const createLearner = killingLearner(compute, () => {
        const threads = liveThreads();
        expect(threads).toHaveLength(threadCount);
        return threads[index];
      });
      const training = trainSmall(localEnvs('same-step'), longRun, { runFolder, createLearner });
      await expect(training).rejects.toMatchObject({
        name: 'AgentError',
        code: 'TRAINING_FAILED',
        message: expect.stringMatching(/^the learner thread ended with exit code 1 — .*resume the run in/),
      });
      await vi.waitFor(() => expect(liveThreads()).toHaveLength(0), { timeout: 30_000 });

      const { envSteps } = await readRunSummary(runFolder);
      expect(envSteps).toBeGreaterThanOrEqual(150);
      const options = { envId: smallRun.envId, totalEnvSteps: envSteps + 50 };
      const more = { runFolder, resume: true, createLearner: compute, options };
      expect(await trainSmall(localEnvs('same-step'), {}, more)).toMatchObject({
        status: 'completed',
        envSteps: envSteps + 50,
      });
    },
  );
});
