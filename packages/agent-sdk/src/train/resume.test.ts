import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../checkpoint/checkpoint.ts';
import { readSnapshotFile, writeSnapshotFile } from '../checkpoint/snapshot-file.ts';
import type { ResolvedTrainOptions } from '../generated/train-options.ts';
import { trainingModes } from '../options/option-table.ts';
import type { PolicySnapshot } from '../policy/policy-snapshot.ts';
import { runFilePath } from '../run-folder/run-file-names.ts';
import { readRunSummary } from '../run-folder/run-files.ts';
import type { CreateLearner } from '../td3/learner.ts';
import { createTfjsLearner } from '../td3/tfjs/tfjs-learner.ts';
import { type TestRequest, TestRun } from '../testing/run-helpers.ts';
import type { ProgressEvent } from './report/progress.ts';
import { train } from './train.ts';
import type { MakeEnv, TrainResult } from './train-request.ts';

// Real learners and files, perhaps on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let mode: ResolvedTrainOptions['mode'];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A run that is interrupted as soon as the event comes. */
async function interruptAt(isNow: (event: ProgressEvent) => boolean, more: Partial<TestRequest> = {}) {
  const controller = new AbortController();
  const run = new TestRun({ mode }, { runFolder: folder, signal: controller.signal, ...more });
  const onProgress = (event: ProgressEvent) => {
    run.events.push(event);
    if (isNow(event)) controller.abort();
  };
  const result = await train({ ...run.request, onProgress });
  return { run, result };
}

const atStep = (envSteps: number) => (event: ProgressEvent) =>
  event.type === 'step' && event.envSteps === envSteps;

function resumedRun(options = {}, more: Partial<TestRequest> = {}): TestRun {
  return new TestRun(options, { runFolder: folder, resume: true, ...more });
}

async function metricsLines(): Promise<string[]> {
  return (await readFile(runFilePath(folder, 'metrics'), 'utf8')).trim().split('\n');
}

const checkpointPath = () => runFilePath(folder, 'checkpoint');

describe.each(trainingModes)('interrupt and resume, %s', (tested) => {
  beforeEach(() => {
    mode = tested;
  });

  it('finishes the step, saves and says where it stands', async () => {
    const { run, result } = await interruptAt(atStep(33));
    expect(result).toMatchObject({ status: 'interrupted', envSteps: 33, gradientSteps: 22 });
    expect(await readRunSummary(folder)).toMatchObject({ envSteps: 33, gradientSteps: 22 });
    expect(await readSnapshotFile(runFilePath(folder, 'lastPolicy'))).toEqual(result.policy);
    expect(run.envs.every(({ env }) => env.isClosed)).toBe(true);
  });

  it('goes on from the very same state, with new episodes', async () => {
    const { result } = await interruptAt(atStep(33));
    const checkpoint = await readCheckpoint(checkpointPath());
    // Interrupted again before anything happened: what is saved must be what was read.
    const controller = new AbortController();
    controller.abort();
    const again = resumedRun({}, { signal: controller.signal });
    const idle = await train(again.request);
    expect(idle.learner).toEqual(result.learner);
    expect(await readCheckpoint(checkpointPath())).toEqual({
      ...checkpoint,
      counters: { ...checkpoint.counters, resumes: 1 },
      metricsBytes: expect.any(Number),
      metricsSha256: expect.any(String),
    });
    const seeds = again.envs[0]?.env.resets[0]?.seeds;
    expect(seeds).toHaveLength(1);

    const run = resumedRun();
    const resumed = await train(run.request);
    expect(resumed).toMatchObject({ status: 'completed', envSteps: 60, gradientSteps: 50 });
    expect(run.eventsOf('start')[0]).toMatchObject({ envSteps: 33, totalEnvSteps: 60 });
    expect(run.eventsOf('step')[0]).toMatchObject({ envSteps: 34, gradientSteps: 23 });
    // The episodes that began between told no step: they begin again.
    expect(run.envs[0]?.env.resets[0]?.seeds).toEqual(seeds);
  });

  it('resumes in the same way each time', async () => {
    await interruptAt(atStep(33));
    const checkpoint = await readFile(checkpointPath());
    const best = await readFile(runFilePath(folder, 'bestPolicy'));
    const first = await train(resumedRun().request);
    const metrics = await metricsLines();
    await writeFile(checkpointPath(), checkpoint);
    await writeFile(runFilePath(folder, 'bestPolicy'), best);
    const second = await train(resumedRun().request);
    expect(second).toEqual(first);
    expect(await metricsLines()).toEqual(metrics);
  });

  it('says nothing twice and loses nothing in metrics.jsonl', async () => {
    const { run } = await interruptAt(atStep(33));
    const before = await metricsLines();
    // As if it had gone on after the checkpoint and then been killed.
    await appendFile(runFilePath(folder, 'metrics'), '{"type":"episode","envSteps":35}\n{"type":"epi');
    const resumed = resumedRun();
    await train(resumed.request);
    const lines = (await metricsLines()).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.slice(0, before.length)).toEqual(before.map((line) => JSON.parse(line) as unknown));
    const steps = (type: string) =>
      lines.filter((line) => line['type'] === type).map((line) => line['envSteps']);
    expect(steps('training')).toEqual([8, 16, 24, 32, 40, 48, 56]);
    expect(steps('evaluation')).toEqual([20, 40, 60]);
    expect(steps('episode')).toHaveLength(
      run.eventsOf('episode').length + resumed.eventsOf('episode').length,
    );
  });

  it('takes up an evaluation that was cut off', async () => {
    const signalled = new AbortController();
    const run = new TestRun({ mode }, { runFolder: folder, signal: signalled.signal });
    const makeEnv: MakeEnv = async (request) => {
      const env = await run.request.makeEnv(request);
      const step = env.step.bind(env);
      if (request.purpose === 'evaluation') {
        env.step = (actions) => {
          signalled.abort();
          return step(actions);
        };
      }
      return env;
    };
    expect(await train({ ...run.request, makeEnv })).toMatchObject({ status: 'interrupted', envSteps: 20 });
    expect(run.eventsOf('evaluation')).toHaveLength(0);
    const resumed = resumedRun();
    await train(resumed.request);
    expect(resumed.eventsOf('evaluation').map((event) => event.envSteps)).toEqual([20, 40, 60]);
  });

  it('takes up updates that were still owed', async () => {
    const controller = new AbortController();
    const run = new TestRun({ mode, numEnvs: 4 }, { runFolder: folder, signal: controller.signal });
    const createLearner: CreateLearner = async (...args) => {
      await run.request.createLearner(...args);
      const [learner] = run.learners;
      if (learner === undefined) throw new Error('no learner was made');
      learner.beforeUpdate = (gradientSteps) => {
        if (gradientSteps === 9) controller.abort();
      };
      return learner;
    };
    const stopped = await train({ ...run.request, createLearner });
    // The step under way is finished in pipelined mode: it owes four more.
    const envSteps = mode === 'pipelined' ? 28 : 24;
    expect(stopped).toMatchObject({ status: 'interrupted', envSteps, gradientSteps: 10 });
    const resumed = resumedRun({ numEnvs: 4 });
    expect(await train(resumed.request)).toMatchObject({ envSteps: 60, gradientSteps: 48 });
    expect(resumed.eventsOf('step')[0]).toMatchObject({
      envSteps: envSteps + 4,
      gradientSteps: envSteps - 12,
    });
  });

  it('keeps policyDelay and Adam counting (tfjs)', async () => {
    const createLearner: CreateLearner = (options, state) => createTfjsLearner(options, state, 'cpu');
    const { result } = await interruptAt(atStep(21), { createLearner });
    expect(result).toMatchObject({
      gradientSteps: 10,
      learner: { gradientSteps: 10, actorAdam: { step: 5 } },
    });
    const resumed = await train(resumedRun({ totalEnvSteps: 24 }, { createLearner }).request);
    expect(resumed.learner).toMatchObject({
      gradientSteps: 14,
      actorAdam: { step: 7 },
      criticAdams: [{ step: 14 }, { step: 14 }],
    });
  });

  it('can go on for longer, and does nothing when there is nothing to do', async () => {
    await train(new TestRun({}, { runFolder: folder }).request);
    const idle = resumedRun();
    expect(await train(idle.request)).toMatchObject({ status: 'completed', envSteps: 60 });
    expect(idle.eventsOf('step')).toHaveLength(0);
    const longer = await train(resumedRun({ totalEnvSteps: 70 }).request);
    expect(longer).toMatchObject({ status: 'completed', envSteps: 70, gradientSteps: 60 });
    expect((await readRunSummary(folder)).options.totalEnvSteps).toBe(70);
    await expect(train(resumedRun({ totalEnvSteps: 69 }).request)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('totalEnvSteps: expected at least 70') as string,
    });
    const config = JSON.parse(await readFile(runFilePath(folder, 'config'), 'utf8')) as object;
    expect(config).toMatchObject({ options: { totalEnvSteps: 70 }, configHash: longer.policy.configHash });
  });

  it('keeps the better of two best policies', async () => {
    await interruptAt(atStep(33));
    const path = runFilePath(folder, 'bestPolicy');
    const saved = await readSnapshotFile(path);
    const better: PolicySnapshot = {
      ...saved,
      envSteps: 34,
      evaluation: { episodes: 3, meanReturn: 1, stdReturn: 0, meanLength: 7 },
    };
    await writeSnapshotFile(path, better);
    expect((await train(resumedRun().request)).best).toEqual(better);
    expect(await readSnapshotFile(path)).toEqual(better);
  });

  it('keeps a better policy that it found before it was killed, also when it was going on for longer', async () => {
    await train(new TestRun({ mode }, { runFolder: folder }).request);
    const path = runFilePath(folder, 'bestPolicy');
    // Resumed for 80 steps and killed at 70: its policy is saved, its checkpoint is that of step 60.
    const controller = new AbortController();
    const killed = resumedRun({ totalEnvSteps: 80 }, { signal: controller.signal });
    const checkpoint = await readFile(checkpointPath());
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'step' && event.envSteps === 70) controller.abort();
    };
    const { policy } = await train({ ...killed.request, onProgress });
    const evaluation = { episodes: 3, meanReturn: 1, stdReturn: 0, meanLength: 7 };
    const better = { ...policy, evaluation };
    await writeSnapshotFile(path, better);
    await writeFile(checkpointPath(), checkpoint);
    expect((await train(resumedRun({ totalEnvSteps: 80 }).request)).best).toEqual(better);
    expect(await readSnapshotFile(path)).toEqual(better);
  });

  it('restores a best policy that was lost', async () => {
    const { result } = await interruptAt(atStep(33));
    await rm(runFilePath(folder, 'bestPolicy'));
    const controller = new AbortController();
    controller.abort();
    await train(resumedRun({}, { signal: controller.signal }).request);
    expect(await readSnapshotFile(runFilePath(folder, 'bestPolicy'))).toEqual(result.best);
  });

  it('refuses other options, a missing run and a damaged checkpoint, and changes nothing', async () => {
    await expect(train(resumedRun().request)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await expect(readRunSummary(folder)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await interruptAt(atStep(33));
    const metrics = await metricsLines();
    await expect(train(resumedRun({ gamma: 0.5 }).request)).rejects.toMatchObject({
      code: 'CONFIG_MISMATCH',
      message: 'gamma: the run was started with 0.99, got 0.5',
    });
    const bytes = await readFile(checkpointPath());
    const damaged = Buffer.from(bytes);
    damaged[bytes.length >> 1] = damaged[bytes.length >> 1] ^ 4;
    await writeFile(checkpointPath(), damaged);
    await expect(train(resumedRun().request)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
    expect(await metricsLines()).toEqual(metrics);
    expect((await readFile(checkpointPath())).equals(damaged)).toBe(true);
  });

  it('takes a letter that changed in the options for damage, before any environment is made', async () => {
    await interruptAt(atStep(33));
    const bytes = await readFile(checkpointPath());
    const place = bytes.indexOf('Identity-v0');
    expect(place).toBeGreaterThan(0);
    bytes.write('J', place);
    await writeFile(checkpointPath(), bytes);
    await expect(readRunSummary(folder)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
    const run = resumedRun({}, {});
    await expect(train(run.request)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
    expect(run.envs).toEqual([]);
  });

  it('refuses a checkpoint of an environment with other sizes', async () => {
    await interruptAt(atStep(33));
    const checkpoint = await readCheckpoint(checkpointPath());
    const replay = { ...checkpoint.replay, action: new Float32Array(2 * checkpoint.replay.size) };
    await writeCheckpoint(checkpointPath(), { ...checkpoint, replay });
    await expect(train(resumedRun().request)).rejects.toMatchObject({ code: 'INVALID_STATE' });
  });
});

it('a replay buffer that a resume for more steps enlarges gives the bits of one that was large from the start', async () => {
  const ends: TrainResult[] = [];
  for (const first of ['a run of 40 steps', '40 steps of a run of 80']) {
    const runFolder = join(folder, first);
    const controller = new AbortController();
    const isShort = first === 'a run of 40 steps';
    const options = { mode: 'alternating' as const, totalEnvSteps: isShort ? 40 : 80 };
    const run = new TestRun(options, { runFolder, signal: controller.signal });
    const onProgress = (event: ProgressEvent) => {
      run.events.push(event);
      if (event.type === 'step' && event.envSteps === 40 && !isShort) controller.abort();
    };
    await train({ ...run.request, onProgress });
    expect(run.eventsOf('start')[0]?.replayBytes).toBe((isShort ? 40 : 80) * 20);
    const resumed = new TestRun({ ...options, totalEnvSteps: 80 }, { runFolder, resume: true });
    ends.push(await train(resumed.request));
    expect(resumed.eventsOf('start')[0]?.replayBytes).toBe(80 * 20);
  }
  expect(ends[0]?.learner).toEqual(ends[1]?.learner);
  const [a, b] = await Promise.all(
    ['a run of 40 steps', '40 steps of a run of 80'].map((name) =>
      readCheckpoint(runFilePath(join(folder, name), 'checkpoint')),
    ),
  );
  expect(a?.replay).toEqual(b?.replay);
  expect(a?.replay).toMatchObject({ capacity: 1000, size: 80 });
});
