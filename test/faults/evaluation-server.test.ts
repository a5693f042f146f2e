/** A server that evaluations have of their own, which makes something else, or goes away. */
import { join } from 'node:path';
import { type ProgressEvent, type TrainOptions, train } from '@gymwire/agent-sdk';
import { type EnvRegistration, type EnvServer, startEnvServer } from '@gymwire/env-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { countingRegistration } from '../support/counting-env.ts';
import { fileHashes, readLines } from '../support/run-files.ts';
import { learners, smallRun } from '../support/small-training.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const options: TrainOptions = {
  ...smallRun,
  envId: 'Counting-v0',
  maxEpisodeSteps: null,
  totalEnvSteps: 300,
  evaluationInterval: 100,
  numEnvs: 2,
};

async function startHost(more: Partial<EnvRegistration> = {}, beforeStep?: () => unknown) {
  const counting = countingRegistration('Counting-v0', {
    terminateAfter: 20,
    beforeStep: async () => void (await beforeStep?.()),
  });
  const server = await startEnvServer({ envs: [{ ...counting, ...more }], port: 0, drainTimeoutMs: 0 });
  onTestFinished(() => server.shutdown());
  return server;
}

async function trainOn(training: EnvServer, evaluation?: EnvServer) {
  const runFolder = join(temporaryFolder(), 'run');
  const events: ProgressEvent[] = [];
  const { status } = await train({
    server: training.address,
    ...(evaluation !== undefined && {
      evaluationServer: { address: evaluation.address, reconnectTimeoutMs: 20 },
    }),
    options,
    runFolder,
    createLearner: learners.compiled,
    onProgress: (event) => events.push(event),
  });
  const notices = events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  return { status, files: fileHashes(runFolder), notices, kept: readLines(runFolder, 'events') };
}

const argument = (defaultValue: number) => ({
  arguments: [{ name: 'k', type: 'float', defaultValue }] as const,
});

describe('one that makes another environment is refused, by the names of both servers', () => {
  it.each<[what: string, training: Partial<EnvRegistration>, evaluation: Partial<EnvRegistration>]>([
    ['arguments', argument(1), argument(3)],
    ['maxEpisodeSteps', { maxEpisodeSteps: 50 }, { maxEpisodeSteps: 60 }],
  ])('%s', async (what, training, evaluation) => {
    const [here, there] = [await startHost(training), await startHost(evaluation)];
    await expect(trainOn(here, there)).rejects.toMatchObject({
      code: 'ENV_MISMATCH',
      message: expect.stringContaining(
        `Counting-v0: ${what} at ${there.address}, the server of evaluations, is not that at ${here.address}`,
      ) as string,
    });
    expect(there.sessionCount).toBe(0);
  });
});

it('one that dies in the middle of an evaluation: it is played where training is, which is told, and the files are those of a run that waits', async () => {
  const training = await startHost();
  let steps = 0;
  const evaluation: EnvServer = await startHost({}, () => {
    // In the middle of the second evaluation.
    if (++steps === 90) void evaluation.shutdown();
  });
  const { status, files, notices, kept } = await trainOn(training, evaluation);
  expect(status).toBe('completed');
  expect(steps).toBeGreaterThanOrEqual(90);
  expect(notices.filter((notice) => notice.includes('played where training is'))).toEqual([
    expect.stringContaining(`the server of evaluations, ${evaluation.address}, is lost`),
  ]);
  expect(kept.filter(({ type }) => type === 'notice').map(({ message }) => message)).toEqual(
    notices.filter((notice) => notice.includes('played where training is')),
  );
  expect(kept).toContainEqual(expect.objectContaining({ type: 'connection', state: 'broken' }));
  expect(files).toEqual((await trainOn(training)).files);
});

it('one that dies where training has no room: the error names both', async () => {
  const training = await startEnvServer({
    envs: [countingRegistration('Counting-v0', { terminateAfter: 20 })],
    port: 0,
    maxSessions: 1,
  });
  onTestFinished(() => training.shutdown());
  let steps = 0;
  const evaluation: EnvServer = await startHost({}, () => {
    if (++steps === 5) void evaluation.shutdown();
  });
  await expect(trainOn(training, evaluation)).rejects.toThrow(
    new RegExp(
      `${evaluation.address}, is lost: .* where training is, its evaluation cannot be played either`,
    ),
  );
});
