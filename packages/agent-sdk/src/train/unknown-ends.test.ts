/** A batch simulator in same-step that does not tell how episodes ended: what a run makes of it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readCheckpoint } from '../checkpoint/checkpoint.ts';
import type { TrainOptions } from '../generated/train-options.ts';
import { runFilePath } from '../run-folder/run-file-names.ts';
import { CountingEnv } from '../testing/fake-envs.ts';
import { FakeVectorEnv } from '../testing/fake-vector-env.ts';
import { TestRun } from '../testing/run-helpers.ts';
import { train } from './train.ts';

async function run(options: Partial<TrainOptions>, finalObservations = false) {
  const runFolder = await mkdtemp(join(tmpdir(), 'gymwire-'));
  onTestFinished(() => rm(runFolder, { recursive: true }));
  const batch = { autoresetModes: ['same-step'], finalObservations, masks: false } as const;
  const test = new TestRun(
    { numEnvs: 3, totalEnvSteps: 60, autoresetMode: 'same-step', ...options },
    {
      runFolder,
      makeEnv: async ({ numEnvs, envId }) =>
        new FakeVectorEnv({
          make: (i) => new CountingEnv(i),
          observationSize: 3,
          numEnvs,
          envId,
          autoresetMode: 'same-step',
          batch,
        }),
    },
  );
  await train(test.request);
  const read = (file: 'config' | 'metrics') => readFile(runFilePath(runFolder, file), 'utf8');
  const lines = (await read('metrics')).trim().split('\n');
  return {
    checkpoint: await readCheckpoint(runFilePath(runFolder, 'checkpoint')),
    metrics: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    config: JSON.parse(await read('config')) as Record<string, unknown>,
    events: test.events,
  };
}

/** Rows of three numbers: [environment, episode, step]. */
const rowsOf = (numbers: Float32Array) =>
  Array.from({ length: numbers.length / 3 }, (_, i) => [...numbers.subarray(3 * i, 3 * i + 3)]);

it('learns from no reset: what was cut off is left out, what terminated has itself for a next observation', async () => {
  const { checkpoint } = await run({});
  const { replay, counters } = checkpoint;
  const [before, after] = [rowsOf(replay.observation), rowsOf(replay.nextObservation)];
  const steps = before.map((row, i) => [row[1] === after[i]?.[1], (after[i]?.[2] ?? 0) - (row[2] ?? 0)]);
  // Not across a reset: the same episode, a step further, or where it was.
  expect(steps.every(([isSame]) => isSame)).toBe(true);
  steps.forEach(([, further], i) => expect(further).toBe(replay.terminated[i] === 1 ? 0 : 1));
  expect(replay.terminated.includes(1)).toBe(true);
  expect(counters.droppedTransitions).toBeGreaterThan(0);
  expect(replay.size).toBe(counters.envSteps);
});

it('counts what is left out in the metrics, and tells it once; config.json says what there is', async () => {
  const { checkpoint, metrics, config, events } = await run({});
  const training = metrics.filter(({ type }) => type === 'training');
  expect(training.at(-1)?.droppedTransitions).toBeGreaterThan(0);
  expect(checkpoint.counters.droppedTransitions).toBeGreaterThanOrEqual(
    Number(training.at(-1)?.droppedTransitions),
  );
  const told = events.filter((event) => event.type === 'warning' && event.code === 'TRANSITIONS_DROPPED');
  expect(told).toHaveLength(1);
  expect(metrics.filter(({ code }) => code === 'TRANSITIONS_DROPPED')).toEqual([]);
  const batch = { autoresetMode: 'same-step', finalObservations: false };
  expect(config.batch).toEqual(batch);
});

it('takes no stand-in for an observation where observations are normalised', async () => {
  const { checkpoint } = await run({ normalizeObservations: true });
  const { replay, observationStatistics } = checkpoint;
  // One for each transition: of an end, which would be one more, nothing is known.
  expect(observationStatistics?.count).toBe(replay.size);
});

it('leaves nothing out of one that tells its last observations', async () => {
  const { checkpoint, metrics } = await run({}, true);
  expect(checkpoint.counters.droppedTransitions).toBeUndefined();
  const training = metrics.filter(({ type }) => type === 'training');
  expect(training.filter((line) => 'droppedTransitions' in line)).toEqual([]);
});
