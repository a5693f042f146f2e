import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readSnapshotFile } from '../checkpoint/snapshot-file.ts';
import { trainingModes } from '../options/option-table.ts';
import { metricsDictionary } from '../run-folder/metrics.ts';
import { runFilePath } from '../run-folder/run-file-names.ts';
import type { CreateLearner } from '../td3/learner.ts';
import type { NetworkState } from '../td3/network-state.ts';
import { createTfjsLearner } from '../td3/tfjs/tfjs-learner.ts';
import { FakeLearner } from '../testing/fake-learner.ts';
import { TestRun } from '../testing/run-helpers.ts';
import { train } from './train.ts';

// Real learners and files, perhaps on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
});
afterEach(() => rm(folder, { recursive: true }));

const identityTask = {
  totalEnvSteps: 400,
  learningStarts: 100,
  hiddenSizes: [32],
  batchSize: 32,
  gamma: 0,
  actorLearningRate: 3e-3,
  criticLearningRate: 3e-3,
  evaluationInterval: 100,
};
const createLearner: CreateLearner = (options, state) => createTfjsLearner(options, state, 'cpu');
const tfjs = { createLearner };

async function readRun(path: string) {
  const files = ['metrics', 'checkpoint', 'bestPolicy', 'lastPolicy', 'config'] as const;
  return Promise.all(files.map((file) => readFile(runFilePath(path, file))));
}

async function readMetrics(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(runFilePath(path, 'metrics'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('train', () => {
  it('learns to play the observation', async () => {
    // Of twelve seeds, eleven come to more than -0.12; seed 0 to -0.24.
    const run = new TestRun({ ...identityTask, seed: 1 }, tfjs);
    const result = await train(run.request);
    const returns = run.eventsOf('evaluation').map((event) => event.meanReturn);
    // Episodes of 7 steps: −7·(1/3) on average for a constant zero.
    expect(returns[0]).toBeLessThan(-1.5);
    expect(result.best?.evaluation?.meanReturn).toBeGreaterThan(-0.2);
    expect(result).toMatchObject({ status: 'completed', envSteps: 400, gradientSteps: 300 });
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    const short = { ...identityTask, totalEnvSteps: 160 };
    const paths = ['a', 'b', 'c'].map((name) => join(folder, name));
    for (const [i, runFolder] of paths.entries()) {
      await train(new TestRun({ ...short, seed: i === 2 ? 1 : 0 }, { ...tfjs, runFolder }).request);
    }
    const [a, b, c] = await Promise.all(paths.map(readRun));
    expect(a).toEqual(b);
    expect(a?.[0]).not.toEqual(c?.[0]);
  });

  it.each(
    trainingModes.flatMap((mode) => [
      [mode, 1, 1] as const,
      [mode, 8, 1] as const,
      [mode, 8, 0.5] as const,
      [mode, 3, 0.29] as const,
      [mode, 2, 3] as const,
    ]),
  )(
    '%s with %i environments and ratio %d collects and updates exactly as often as it should',
    async (mode, numEnvs, ratio) => {
      const run = new TestRun({ mode, numEnvs, gradientStepsPerTransition: ratio });
      const result = await train(run.request);
      const steps = run.eventsOf('step');
      for (const [i, step] of steps.entries()) {
        const before = i * numEnvs;
        expect(step).toMatchObject({ envSteps: before + numEnvs, isWarmUp: before < 10 });
      }
      const vectorSteps = Math.ceil(60 / numEnvs);
      const warmUpSteps = Math.ceil(10 / numEnvs);
      expect(steps).toHaveLength(vectorSteps);
      expect(result.envSteps).toBe(vectorSteps * numEnvs);
      expect(result.gradientSteps).toBe(Math.floor(ratio * (vectorSteps - warmUpSteps) * numEnvs + 1e-9));
      // Updates come before the step after the next one is told.
      const atWarmUpEnd = steps[warmUpSteps + 1];
      expect(atWarmUpEnd?.gradientSteps).toBe(Math.floor(ratio * numEnvs + 1e-9));
    },
  );

  it('does not lose an update to rounding', async () => {
    // 0.29 × 100 is 28.999999999999996 in float64.
    const run = new TestRun({ totalEnvSteps: 110, gradientStepsPerTransition: 0.29 });
    expect(await train(run.request)).toMatchObject({ envSteps: 110, gradientSteps: 29 });
  });

  it.each(trainingModes)('learns the same in every autoreset mode, %s', async (mode) => {
    const results = [];
    for (const autoresetMode of ['disabled', 'next-step', 'same-step'] as const) {
      const { learner, episodes } = await train(new TestRun({ mode }, {}, autoresetMode).request);
      results.push({ learner, episodes });
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    expect(results[0]?.episodes).toBe(8);
  });

  it('asks for environments as the options say, on seeds of their own, and closes them', async () => {
    const run = new TestRun({ numEnvs: 2, maxEpisodeSteps: 7, envArguments: { gravity: 9.81 } });
    await train(run.request);
    expect(run.envs.map(({ request }) => request)).toEqual([
      expect.objectContaining({ purpose: 'training', numEnvs: 2 }),
      {
        purpose: 'evaluation',
        numEnvs: 3,
        autoresetMode: 'disabled',
        envId: 'Identity-v0',
        envArguments: { gravity: 9.81 },
        maxEpisodeSteps: 7,
      },
    ]);
    const [training, evaluation] = run.envs.map(({ env }) => env);
    const trainingSeeds = training?.resets.flatMap((reset) => reset.seeds ?? []);
    const evaluationSeeds = evaluation?.resets.filter((reset) => reset.seeds).map((reset) => reset.seeds);
    // The first episodes, and what follows four times on the end of both, seven steps long, in sixty steps.
    expect(new Set(trainingSeeds).size).toBe(10);
    expect(evaluationSeeds).toHaveLength(3);
    expect(new Set(evaluationSeeds?.map(String)).size).toBe(1);
    expect(evaluationSeeds?.flat().some((seed) => trainingSeeds?.includes(seed as never))).toBe(false);
    expect([training?.isClosed, evaluation?.isClosed, run.learners[0]?.isDisposed]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('writes what happened, with documented fields only, and the policies', async () => {
    const run = new TestRun({}, { runFolder: folder });
    const result = await train(run.request);
    const lines = await readMetrics(folder);
    for (const { type, ...fields } of lines) {
      const known = Object.keys(metricsDictionary[type as keyof typeof metricsDictionary]);
      // Only where a batch simulator leaves something out; unknown-ends.test.ts has it.
      const expected = known.filter((field) => field !== 'droppedTransitions');
      expect(Object.keys(fields).sort()).toEqual(expected.sort());
    }
    const kinds = lines.map(({ type }) => type as string);
    expect(kinds.filter((kind) => kind === 'episode')).toHaveLength(8);
    expect(kinds.filter((kind) => kind === 'training')).toHaveLength(7);
    expect(kinds.filter((kind) => kind === 'evaluation')).toHaveLength(3);
    expect(lines.find(({ type }) => type === 'training')).toMatchObject({
      envSteps: 8,
      gradientSteps: 0,
      replaySize: 8,
      episodes: 1,
      meanEpisodeLength: 7,
      actorLoss: null,
      actorSaturation: null,
    });
    expect(lines.filter(({ type }) => type === 'evaluation').at(-1)).toMatchObject({ envSteps: 60 });
    const timing = (await readFile(runFilePath(folder, 'timing'), 'utf8')).trim().split('\n');
    expect(timing).toHaveLength(8);
    expect(await readSnapshotFile(runFilePath(folder, 'lastPolicy'))).toEqual(result.policy);
    expect(await readSnapshotFile(runFilePath(folder, 'bestPolicy'))).toEqual(result.best);
    expect(result.policy).toMatchObject({ envId: 'Identity-v0', envSteps: 60, actor: result.learner.actor });
  });

  it('keeps the best policy, not the last', async () => {
    /** Plays the worst actions from its 20th update on. */
    class WorseningLearner extends FakeLearner {
      override async actorWeights(): Promise<NetworkState> {
        const weights = await super.actorWeights();
        const { gradientSteps } = await this.readMetrics();
        if (gradientSteps >= 20) weights.at(-1)?.bias.fill(9);
        return weights;
      }
    }
    const createLearner: CreateLearner = async (...args) => new WorseningLearner(...args);
    const run = new TestRun({ evaluationInterval: 5 }, { createLearner });
    const result = await train(run.request);
    const events = run.eventsOf('evaluation');
    const best = events.reduce((a, b) => (b.meanReturn > a.meanReturn ? b : a));
    expect(best.envSteps).toBeLessThan(30);
    expect(result.policy.actor.at(-1)?.bias[0]).toBe(9);
    expect(result.best).toMatchObject({
      envSteps: best.envSteps,
      evaluation: { meanReturn: best.meanReturn },
    });
    expect(events.filter((event) => event.isBest).at(-1)?.envSteps).toBe(best.envSteps);
  });

  it.each([
    ['pipelined', 9],
    ['alternating', 10],
  ] as const)('stops when it is good enough, %s', async (mode, gradientSteps) => {
    const run = new TestRun({ mode, stopAtReturn: -1000 });
    const result = await train(run.request);
    expect(result).toMatchObject({ status: 'solved', envSteps: 20 });
    // What was evaluated is what is left.
    expect(result.policy).toEqual(result.best);
    expect(run.events.at(-1)).toEqual({ type: 'done', status: 'solved', envSteps: 20, gradientSteps });
  });

  it('tells what it starts with and how it goes', async () => {
    const run = new TestRun({}, { runFolder: folder });
    await train(run.request);
    expect(run.events[0]).toEqual({
      type: 'start',
      envId: 'Identity-v0',
      numEnvs: 1,
      learner: 'fake',
      observationSize: 1,
      actionSize: 1,
      maxEpisodeSteps: null,
      envSteps: 0,
      totalEnvSteps: 60,
      replayBytes: 60 * 5 * 4,
    });
    expect(run.eventsOf('checkpoint').map((event) => event.envSteps)).toEqual([0, 25, 50, 60]);
    expect(run.eventsOf('episode')).toHaveLength(8);
    expect(run.events.at(-1)).toMatchObject({ type: 'done', status: 'completed' });
  });

  it('refuses what does not fit together', async () => {
    const few = new TestRun({ numEnvs: 4 });
    const { makeEnv } = few.request;
    const fewer = {
      ...few.request,
      makeEnv: (r: Parameters<typeof makeEnv>[0]) => makeEnv({ ...r, numEnvs: 2 }),
    };
    await expect(train(fewer)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'numEnvs: the options say 4, the environment was made of 2',
    });
    expect(few.envs[0]?.env.isClosed).toBe(true);
    await expect(train(new TestRun({}, { resume: true }).request)).rejects.toThrow('needs a run folder');
  });
});
