/** Equal seeds give equal runs, byte for byte: wherever the environment is, and over a stop and a resume. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type EnvConnection, type TrainOptions } from '@gymwire/agent-sdk';
import { everySteps, type TrainCallback } from '@gymwire/agent-sdk/callbacks';
import { type CreateLearner, type LearnerState, type MakeEnv, remoteEnvs } from '@gymwire/agent-sdk/parts';
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localEnvs } from '../support/local-env.ts';
import { fileHashes, readMetrics, readRunFile, readStoredCheckpoint } from '../support/run-files.ts';
import { learners, type SmallTraining, smallRun, trainSmall } from '../support/small-training.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let server: EnvServer;
let connection: EnvConnection;
beforeAll(async () => {
  server = await startEnvServer({ envs: builtinEnvs, port: 0 });
  connection = await connect(server.address);
});
afterAll(async () => {
  connection.close();
  await server.shutdown();
});

/** Trains over the wire into a new folder. @returns the hashes of all files, and the final learner state */
async function trainInto(folder: string, options: Partial<TrainOptions> = {}, more: SmallTraining = {}) {
  const { learner } = await trainSmall(connection, options, { runFolder: folder, ...more });
  return { files: fileHashes(folder), learner };
}

describe.each([1, 4])('%i environments', (numEnvs) => {
  it.each(['compiled', 'tfjs'] as const)(
    'the %s learner leaves the same bytes for the same seed, and others for another',
    async (name) => {
      const folder = temporaryFolder();
      const more = { createLearner: learners[name] };
      const first = await trainInto(join(folder, 'first'), { numEnvs }, more);
      const second = await trainInto(join(folder, 'second'), { numEnvs }, more);
      expect(second).toEqual(first);
      const other = await trainInto(join(folder, 'other'), { numEnvs, seed: 1 }, more);
      expect(other.learner).not.toEqual(first.learner);
      for (const [file, hash] of Object.entries(first.files)) {
        expect([file, other.files[file]]).not.toEqual([file, hash]);
      }
    },
  );

  it('an environment in process gives the bytes that one over the wire gives', async () => {
    const folder = temporaryFolder();
    const local = await trainInto(join(folder, 'local'), { numEnvs }, { makeEnv: localEnvs('same-step') });
    expect(await trainInto(join(folder, 'remote'), { numEnvs })).toEqual(local);
    const mountainCar = {
      numEnvs,
      envId: 'MountainCarContinuous-v0',
      explorationNoiseType: 'gaussian',
    } as const;
    const localCar = await trainInto(join(folder, 'car'), mountainCar, { makeEnv: localEnvs('same-step') });
    expect(await trainInto(join(folder, 'remote-car'), mountainCar)).toEqual(localCar);
    expect(localCar.learner).not.toEqual(local.learner);
  });
});

it('callbacks that act on the run leave the same bytes over the wire and in process, again and again', async () => {
  const folder = temporaryFolder();
  const run = (name: string, makeEnv: MakeEnv) => {
    let episodes = 0;
    const counting: TrainCallback = {
      name: 'counting',
      onEpisode: () => void episodes++,
      onEvaluation: (context, { overestimation }) => context.addMetrics({ episodes, overestimation }),
      state: () => episodes,
    };
    const callbacks = [
      counting,
      everySteps(170, (context) => {
        context.setLearningRates({ actor: context.learningRates.actor / 2 });
        context.evaluate();
      }),
    ];
    return trainInto(join(folder, name), { numEnvs: 2 }, { makeEnv, callbacks });
  };
  const first = await run('first', remoteEnvs(connection));
  expect(await run('second', remoteEnvs(connection))).toEqual(first);
  expect(await run('local', localEnvs('same-step'))).toEqual(first);
  const custom = readMetrics(join(folder, 'first')).filter(({ type }) => type === 'custom');
  // Every 120 steps and at the end, and when it was asked for.
  expect(custom.map(({ envSteps }) => envSteps)).toEqual([120, 170, 240, 340, 360, 400]);
});

it('the autoreset mode changes no byte of a run with one environment', async () => {
  const folder = temporaryFolder();
  const run = (mode: 'disabled' | 'same-step' | 'next-step') =>
    trainInto(
      join(folder, mode),
      {},
      { makeEnv: (request) => remoteEnvs(connection)({ ...request, autoresetMode: mode }) },
    );
  const disabled = await run('disabled');
  expect(await run('same-step')).toEqual(disabled);
  expect(await run('next-step')).toEqual(disabled);
});

/** A learner that aborts the run after so many of its updates, be others still owed or not. */
function abortAfter(
  updates: number,
  controller: AbortController,
  createLearner = learners.compiled,
): CreateLearner {
  return async (options, state) => {
    const learner = await createLearner(options, state);
    const update = learner.update.bind(learner);
    let count = 0;
    learner.update = async (batch, targetNoise) => {
      await update(batch, targetNoise);
      count += 1;
      if (count === updates) controller.abort();
    };
    return learner;
  };
}

/** No line twice, and no step back. */
function checkMetrics(folder: string): void {
  const lines = readMetrics(folder);
  expect(new Set(lines.map((line) => JSON.stringify(line))).size).toBe(lines.length);
  const envSteps = lines.map((line) => line.envSteps);
  expect(envSteps).toEqual(envSteps.toSorted((a, b) => a - b));
  for (const type of ['training', 'evaluation']) {
    const steps = lines.filter((line) => line.type === type).map((line) => line.envSteps);
    expect(steps.length).toBeGreaterThan(2);
    expect(new Set(steps).size).toBe(steps.length);
  }
}

describe('a run that is stopped and resumed', () => {
  // 150 updates of 4 environments leave 2 owed; 100 updates end where a log line is due (step 250).
  it.each([
    { numEnvs: 1, updates: 100 },
    { numEnvs: 1, updates: 131 },
    { numEnvs: 4, updates: 150 },
  ])(
    'goes on from byte-equal state: $numEnvs environments, $updates updates',
    async ({ numEnvs, updates }) => {
      const folder = join(temporaryFolder(), 'run');
      const controller = new AbortController();
      const stopped = await trainSmall(
        connection,
        { numEnvs },
        { runFolder: folder, signal: controller.signal, createLearner: abortAfter(updates, controller) },
      );
      expect(stopped).toMatchObject({ status: 'interrupted', gradientSteps: updates });
      const before = readStoredCheckpoint(folder);

      // Resumed and stopped before it does anything: what it saves is what it read.
      let restored: LearnerState | undefined;
      const stopping = new AbortController();
      const reloaded = await trainSmall(
        connection,
        {},
        {
          options: { envId: smallRun.envId },
          runFolder: folder,
          resume: true,
          signal: stopping.signal,
          onProgress: (event) => void (event.type === 'start' && stopping.abort()),
          createLearner: (learnerOptions, state) => {
            restored = structuredClone(state);
            return learners.compiled(learnerOptions, state);
          },
        },
      );
      expect(reloaded).toMatchObject({ status: 'interrupted', gradientSteps: updates });
      expect(restored).toEqual(stopped.learner);
      expect(reloaded.learner).toEqual(stopped.learner);
      const after = readStoredCheckpoint(folder);
      expect(after.counters).toEqual({ ...before.counters, resumes: 1 });
      expect(after.rest).toEqual(before.rest);
      expect(after.episodesBegun).toEqual(before.episodesBegun);
      expect(after.arrays.equals(before.arrays)).toBe(true);
      expect(after.arrays.length).toBeGreaterThan(4 * (3 + 1 + 1 + 3 + 1) * stopped.envSteps);

      const options = { envId: smallRun.envId };
      cpSync(folder, `${folder}-copy`, { recursive: true });
      for (const runFolder of [folder, `${folder}-copy`]) {
        const ended = await trainSmall(connection, {}, { options, runFolder, resume: true });
        expect(ended).toMatchObject({
          status: 'completed',
          envSteps: 400,
          gradientSteps: 400 - warmUp(numEnvs),
        });
      }
      expect(fileHashes(`${folder}-copy`)).toEqual(fileHashes(folder));
      checkMetrics(folder);
    },
  );

  it('has the same bytes with one learner thread and with two, before and after', async () => {
    const folder = temporaryFolder();
    const stop = async (name: 'compiled' | 'twoThreads') => {
      const controller = new AbortController();
      const createLearner = abortAfter(100, controller, learners[name]);
      const more = { signal: controller.signal, createLearner };
      return trainInto(join(folder, name), {}, more);
    };
    const stopped = await stop('twoThreads');
    expect(await stop('compiled')).toEqual(stopped);

    // Each goes on with what the other began.
    const goOn = (begun: 'compiled' | 'twoThreads', name: 'compiled' | 'twoThreads') =>
      trainInto(
        join(folder, begun),
        {},
        { options: { envId: smallRun.envId }, resume: true, createLearner: learners[name] },
      );
    const ended = await goOn('compiled', 'twoThreads');
    expect(await goOn('twoThreads', 'compiled')).toEqual(ended);
    expect(ended.learner).not.toEqual(stopped.learner);
    expect(readStoredCheckpoint(join(folder, 'compiled')).counters).toMatchObject({ envSteps: 400 });
  });

  it('says nothing twice when it was killed after its last checkpoint', async () => {
    // This process lives on, unlike one that was killed.
    const isNoLock = (path: string) => !path.endsWith('.gymwire-lock');
    const folder = join(temporaryFolder(), 'run');
    await trainSmall(
      connection,
      {},
      {
        runFolder: folder,
        onProgress(event) {
          if (event.type === 'step' && event.envSteps === 390)
            cpSync(folder, `${folder}-killed`, { recursive: true, filter: isNoLock });
        },
      },
    );
    const killed = `${folder}-killed`;
    const { counters, metricsBytes } = readStoredCheckpoint(killed);
    expect(counters.envSteps).toBe(300);
    const said = readRunFile(killed, 'metrics');
    expect(said.length).toBeGreaterThan(metricsBytes);
    await trainSmall(connection, {}, { options: { envId: smallRun.envId }, runFolder: killed, resume: true });
    checkMetrics(killed);
    const kept = said.subarray(0, metricsBytes);
    expect(readRunFile(killed, 'metrics').subarray(0, metricsBytes).equals(kept)).toBe(true);
  });
});

/** Transitions before learning starts: whole vector steps. */
function warmUp(numEnvs: number): number {
  return Math.ceil((smallRun.learningStarts ?? 0) / numEnvs) * numEnvs;
}
