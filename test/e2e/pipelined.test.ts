/** Both modes of training leave equal bytes for equal seeds: in process, over the wire, and over a stop and a resume. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type EnvConnection, type TrainOptions } from '@gymwire/agent-sdk';
import { createCompiledLearner } from '@gymwire/agent-sdk/parts';
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localEnvs } from '../support/local-env.ts';
import { fileHashes } from '../support/run-files.ts';
import { type SmallTraining, smallRun, trainSmall } from '../support/small-training.ts';
import { targetEnv } from '../support/target-env.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let server: EnvServer;
let connection: EnvConnection;
beforeAll(async () => {
  server = await startEnvServer({ port: 0, envs: [...builtinEnvs, targetEnv] });
  connection = await connect(server.address);
});
afterAll(async () => {
  connection.close();
  await server.shutdown();
});

async function trainInto(runFolder: string, options: Partial<TrainOptions>, more: SmallTraining = {}) {
  const { learner, status } = await trainSmall(connection, options, { runFolder, ...more });
  return { files: fileHashes(runFolder), learner, status };
}

/** A training as in earnest: the learner in a thread of its own. */
const threaded: SmallTraining = { learner: 'compiled' };

describe.each(['pipelined', 'alternating'] as const)('%s', (mode) => {
  it.each([1, 8])('%i environments: equal bytes, wherever environments and learner are', async (numEnvs) => {
    const folder = temporaryFolder();
    const options = { mode, numEnvs };
    const first = await trainInto(join(folder, 'first'), options);
    expect(await trainInto(join(folder, 'second'), options)).toEqual(first);
    expect(await trainInto(join(folder, 'threaded'), options, threaded)).toEqual(first);
    const makeEnv = localEnvs('same-step');
    expect(await trainInto(join(folder, 'local'), options, { makeEnv })).toEqual(first);
    expect(await trainInto(join(folder, 'both'), options, { makeEnv, ...threaded })).toEqual(first);
    const other = await trainInto(join(folder, 'other'), { ...options, seed: 1 }, threaded);
    expect(other.learner).not.toEqual(first.learner);
  });

  it.each([1, 8])('%i environments: a resume gives equal bytes each time', async (numEnvs) => {
    const folder = join(temporaryFolder(), 'run');
    const controller = new AbortController();
    const stopped = await trainInto(
      folder,
      { mode, numEnvs },
      {
        ...threaded,
        signal: controller.signal,
        onProgress(event) {
          if (event.type === 'step' && event.envSteps >= 300) controller.abort();
        },
      },
    );
    expect(stopped.status).toBe('interrupted');
    const ends = [];
    for (const name of ['a', 'b']) {
      cpSync(folder, `${folder}-${name}`, { recursive: true });
      const resumed = { options: { envId: smallRun.envId }, resume: true, ...threaded };
      ends.push(await trainInto(`${folder}-${name}`, {}, resumed));
    }
    expect(ends[1]).toEqual(ends[0]);
    const warmUp = Math.ceil((smallRun.learningStarts ?? 0) / numEnvs) * numEnvs;
    expect(ends[0]).toMatchObject({ status: 'completed', learner: { gradientSteps: 400 - warmUp } });
  });
});

it('the mode changes the run', async () => {
  const folder = temporaryFolder();
  const pipelined = await trainInto(join(folder, 'pipelined'), {});
  const alternating = await trainInto(join(folder, 'alternating'), { mode: 'alternating' });
  expect(alternating.learner).not.toEqual(pipelined.learner);
  expect(alternating.learner.gradientSteps).toBe(pipelined.learner.gradientSteps);
});

describe.each(['same-step', 'next-step', 'disabled'] as const)('4 environments, %s', (autoresetMode) => {
  it('no transition crosses a reset, and each of them owes its updates', async () => {
    const vectorSteps: number[] = [];
    const seen = new Set<number>();
    const options = {
      envId: 'Target-v0',
      numEnvs: 4,
      autoresetMode,
      learningStarts: 40,
      gradientStepsPerTransition: 1.5,
    };
    const result = await trainSmall(connection, options, {
      createLearner: async (...args) => {
        const learner = await createCompiledLearner(...args, { thread: 'caller' });
        const { update } = learner;
        learner.update = (batch, noise) => {
          for (let row = 0; row < batch.size; row++) {
            const [step = Number.NaN, length, target] = batch.observation.subarray(3 * row);
            const [nextStep, nextLength] = batch.nextObservation.subarray(3 * row);
            expect([nextStep, nextLength]).toEqual([step + 1, length]);
            expect(batch.terminated[row]).toBe(nextStep === length ? 1 : 0);
            seen.add(target ?? Number.NaN);
          }
          return update.call(learner, batch, noise);
        };
        return learner;
      },
      onProgress: (event) => void (event.type === 'step' && vectorSteps.push(event.envSteps)),
    });
    const counts = vectorSteps.map((envSteps, i) => envSteps - (vectorSteps[i - 1] ?? 0));
    // Environments that are only being reset bring nothing; no other mode has such steps.
    expect(new Set(counts.map((count) => count === 4))).toEqual(
      new Set(autoresetMode === 'next-step' ? [true, false] : [true]),
    );
    const warmUp = vectorSteps.find((envSteps) => envSteps >= 40) ?? 0;
    expect(result.gradientSteps).toBe(Math.floor(1.5 * (result.envSteps - warmUp)));
    expect(seen.size).toBeGreaterThan(300);
  });
});
