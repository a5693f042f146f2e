import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRunSummary } from '../run-folder/run-files.ts';
import { lockRunFolder } from '../run-folder/run-lock.ts';
import { smallRun, type TestRequest, TestRun } from '../testing/run-helpers.ts';
import { TestGroup } from '../testing/seed-processes.ts';
import { train } from '../train/train.ts';
import { usualParallel } from './check-seeds-request.ts';
import { readSeedState } from './seed-state.ts';
import { trainSeeds } from './train-seeds.ts';

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'gymwire-'));
  folder = join(parent, 'group');
});
afterEach(() => rm(parent, { recursive: true }));

/** A run of a group, without the group. */
const aloneRun = (seed: number, more: Partial<TestRequest>) =>
  new TestRun({ ...smallRun, seed }, more, 'same-step').request;
const hashOf = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
const bytesOf = (path: string, name: string) => readFile(join(path, name));
const learned = ['metrics.jsonl', 'checkpoint.bin', 'config.json', 'best.policy', 'last.policy'];

async function expectEqualRuns(one: string, other: string): Promise<void> {
  for (const name of learned)
    expect([name, await hashOf(join(one, name))]).toEqual([name, await hashOf(join(other, name))]);
}

it('trains once with each seed, as many at a time as it is told, each as it would be alone', async () => {
  const group = new TestGroup();
  const result = await group.play(folder, { parallel: 2 });
  expect(result.status).toBe('completed');
  expect(result.runs).toMatchObject([0, 1, 2].map((seed) => ({ seed, status: 'completed', envSteps: 60 })));
  expect([result.last?.runs, result.best?.runs]).toEqual([3, 3]);
  expect(group.most).toBe(2);
  expect(group.tasks.map(({ runsAtATime }) => runsAtATime)).toEqual([2, 2, 2]);
  const alone = join(parent, 'alone');
  await train(aloneRun(2, { runFolder: alone }));
  await expectEqualRuns(join(folder, 'seed2'), alone);
  expect((await readdir(folder)).toSorted()).toEqual(['group.json', 'seed0', 'seed1', 'seed2']);
});

it('a run that fails ends no other, and is in no figure over seeds', async () => {
  const group = new TestGroup();
  group.onRun = ({ task }, event) => {
    if (task.options.seed === 1 && event.type === 'step' && event.envSteps === 30) throw new Error('mine');
  };
  const result = await group.play(folder, { parallel: 1 });
  expect(result.status).toBe('failed');
  expect(result.runs.map(({ status }) => status)).toEqual(['completed', 'failed', 'completed']);
  expect(result.runs[1]?.failure).toMatchObject({ code: 'PROGRESS_FAILED' });
  expect(result.last?.runs).toBe(2);
  // What was learnt until then is saved, and goes on.
  const next = new TestGroup();
  expect((await next.play(folder, { resume: true })).status).toBe('completed');
  expect(next.begun).toEqual([1]);
});

it('stops all when it is told to, and goes on with what is left', async () => {
  const group = new TestGroup();
  group.onRun = ({ task }, event) => {
    if (task.options.seed === 1 && event.type === 'step' && event.envSteps === 33) group.controller.abort();
  };
  const stopped = await group.play(folder, { parallel: 1 });
  expect(stopped.status).toBe('interrupted');
  expect(stopped.runs.map(({ status }) => status)).toEqual(['completed', 'interrupted', 'waiting']);
  const before = await bytesOf(join(folder, 'seed0'), 'metrics.jsonl');

  const next = new TestGroup();
  const result = await next.play(folder, { resume: true, parallel: 1 });
  expect(next.tasks.map(({ options, resume }) => [options.seed, resume])).toEqual([
    [1, true],
    [2, false],
  ]);
  expect(result.runs.map(({ isUntouched }) => isUntouched)).toEqual([true, false, false]);
  expect(result.status).toBe('completed');
  expect(await bytesOf(join(folder, 'seed0'), 'metrics.jsonl')).toEqual(before);

  // As it would have gone alone.
  const alone = join(parent, 'alone');
  const controller = new AbortController();
  await train({
    ...aloneRun(1, { runFolder: alone, signal: controller.signal }),
    onProgress: (event) => event.type === 'step' && event.envSteps === 33 && controller.abort(),
  });
  await train(aloneRun(1, { runFolder: alone, resume: true }));
  await expectEqualRuns(join(folder, 'seed1'), alone);
});

it('stopped again before a run’s turn has come, tells how far that one is', async () => {
  const group = new TestGroup();
  group.onRun = ({ task }, event) => {
    if (task.options.seed === 1 && event.type === 'step' && event.envSteps === 33) group.controller.abort();
  };
  await group.play(folder, { parallel: 2 });
  const again = new TestGroup();
  const result = await again.play(folder, {
    resume: true,
    onEvent: (event) => event.type === 'group' && again.controller.abort(),
  });
  expect(again.tasks).toEqual([]);
  expect(result.runs[1]).toMatchObject({ status: 'waiting', envSteps: 33 });
});

it('with more steps goes on with all runs, those that were killed afterwards included', async () => {
  await new TestGroup().play(folder);
  const longer = new TestGroup();
  longer.onRun = (_, event) => {
    if (event.type === 'step' && event.envSteps >= 65) longer.controller.abort();
  };
  await longer.play(folder, { resume: true, options: { totalEnvSteps: 80 } });
  const last = new TestGroup();
  const result = await last.play(folder, { resume: true });
  expect(result.runs.map(({ envSteps }) => envSteps)).toEqual([80, 80, 80]);
});

it.each([
  [
    'throws',
    () => {
      throw new Error('my fault');
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('my fault');
    },
  ],
])('stops the other runs when whoever listens %s, and says how to go on', async (_, fail) => {
  const group = new TestGroup();
  const started = group.play(folder, {
    parallel: 2,
    onEvent: (event) => event.type === 'progress' && event.event.type === 'evaluation' && fail(),
  });
  await expect(started).rejects.toMatchObject({
    code: 'PROGRESS_FAILED',
    message: expect.stringMatching(/my fault.*resume the group in/) as string,
  });
  expect((await readRunSummary(join(folder, 'seed0'))).envSteps).toBeGreaterThan(0);
});

it('tells of a process that crashed, and goes on from its checkpoint', async () => {
  const group = new TestGroup();
  const crashes = new Promise<void>((resolve) => {
    group.onRun = (seed, event) => {
      if (seed.task.options.seed === 0 && event.type === 'done') {
        seed.crash();
        resolve();
      }
    };
  });
  const result = await group.play(folder, { seeds: [0, 3] });
  await crashes;
  expect(result.runs[0]).toMatchObject({ status: 'failed', failure: { code: 'RUN_CRASHED' }, envSteps: 60 });
});

it('waits for a run that is still being saved by a group that was killed', async () => {
  await new TestGroup().play(folder, { parallel: 1 });
  const lock = await lockRunFolder(join(folder, 'seed1'));
  const group = new TestGroup();
  group.onWait = () => void lock.release();
  const result = await group.play(folder, { resume: true });
  expect(group.events).toContainEqual({
    type: 'notice',
    seed: 1,
    message: `waiting until process ${process.pid} has saved the run`,
  });
  expect(result.runs.every(({ isUntouched }) => isUntouched)).toBe(true);
});

describe('a run has ended', () => {
  const options = async (path: string) => (await readRunSummary(path)).options;

  it('only when a resume would have nothing to do', async () => {
    const path = join(parent, 'run');
    await train(new TestRun({}, { runFolder: path }).request);
    const resolved = await options(path);
    expect((await readSeedState(path, resolved)).end).toBe('completed');
    expect((await readSeedState(path, { ...resolved, totalEnvSteps: 61 })).end).toBeUndefined();
    expect((await readSeedState(path, { ...resolved, stopAtReturn: -1e9 })).end).toBe('solved');
    // Of other options it is another run.
    expect(await readSeedState(path, { ...resolved, gamma: 0.5 })).toMatchObject({
      hasBegun: true,
      end: undefined,
    });
  });

  it('not when its process was killed between checkpoint and last policy', async () => {
    const path = join(parent, 'run');
    await train(new TestRun({ totalEnvSteps: 40 }, { runFolder: path }).request);
    const stale = await bytesOf(path, 'last.policy');
    await train(new TestRun({ totalEnvSteps: 60 }, { runFolder: path, resume: true }).request);
    await writeFile(join(path, 'last.policy'), stale);
    const state = await readSeedState(path, await options(path));
    expect(state).toMatchObject({ end: undefined, figures: { envSteps: 60 } });
  });

  it('not when nothing of it can be read', async () => {
    const path = join(parent, 'run');
    await mkdir(path);
    await writeFile(join(path, 'checkpoint.bin'), 'no checkpoint');
    const resolved = (await import('../options/resolve-options.ts')).resolveTrainOptions(smallRun);
    expect(await readSeedState(path, resolved)).toMatchObject({ hasBegun: true, end: undefined });
    expect(await readSeedState(join(parent, 'nowhere'), resolved)).toMatchObject({ hasBegun: false });
  });
});

describe('the folder of a group', () => {
  it('is gone when no run has begun', async () => {
    const group = new TestGroup();
    const controller = new AbortController();
    const result = await group.play(join(folder, 'deep'), {
      signal: controller.signal,
      onEvent: (event) => event.type === 'group' && controller.abort(),
    });
    expect(result.status).toBe('interrupted');
    expect(await readdir(parent)).toEqual([]);
  });

  it('belongs to one group at a time', async () => {
    const group = new TestGroup();
    const refused: unknown[] = [];
    group.onRun = (_, event) => {
      if (event.type !== 'start') return;
      for (const resume of [true, false] as const) {
        refused.push(new TestGroup().play(folder, { resume }).catch((error: unknown) => error));
      }
    };
    await group.play(folder, { seeds: [0] });
    const busy = {
      code: 'RUN_BUSY',
      message: expect.stringMatching(/a training is under way there/) as string,
    };
    expect(await Promise.all(refused)).toMatchObject([busy, busy]);
  });

  it('is refused where something else is, and a run where a group is', async () => {
    await new TestGroup().play(folder, { seeds: [0] });
    await expect(new TestGroup().play(folder)).rejects.toMatchObject({
      code: 'RUN_EXISTS',
      message: expect.stringMatching(/already holds a group of runs/) as string,
    });
    await expect(new TestGroup().play(join(folder, 'seed0'))).rejects.toMatchObject({ code: 'RUN_EXISTS' });
    await expect(train(new TestRun({}, { runFolder: folder }).request)).rejects.toMatchObject({
      code: 'RUN_EXISTS',
    });
    await expect(readRunSummary(folder)).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
      message: expect.stringMatching(/name one of these, such as .*seed0/) as string,
    });
    await expect(new TestGroup().play(parent, { resume: true })).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
    });
  });

  it.each([
    [
      'options changed by hand',
      (text: string) => text.replace('"gamma": 0.99', '"gamma": 0.9'),
      'CONFIG_MISMATCH',
    ],
    [
      'a seed added by hand',
      (text: string) => text.replace('[\n    0\n', '[\n    0, 1\n'),
      'CONFIG_MISMATCH',
    ],
    ['half of it', (text: string) => text.slice(0, 100), 'FILE_CORRUPT'],
    ['another version', (text: string) => text.replace('"version": 1', '"version": 2'), 'FILE_VERSION'],
    ['something else', () => '{}', 'FILE_FOREIGN'],
  ])('with %s in its file is refused', async (_, change, code) => {
    await new TestGroup().play(folder, { seeds: [0] });
    const path = join(folder, 'group.json');
    const text = await readFile(path, 'utf8');
    expect(change(text)).not.toBe(text);
    await writeFile(path, change(text));
    await expect(new TestGroup().play(folder, { resume: true })).rejects.toMatchObject({ code });
    expect(await readFile(path, 'utf8')).toBe(change(text));
  });

  it('keeps what its runs were begun with', async () => {
    await new TestGroup().play(folder, { seeds: [0] });
    const changed = new TestGroup().play(folder, { resume: true, options: { gamma: 0.5 } });
    await expect(changed).rejects.toMatchObject({ code: 'CONFIG_MISMATCH' });
  });
});

it.each([
  ['no seeds', { seeds: [] }, /^seeds: expected an array of whole numbers, got/],
  ['a seed twice', { seeds: [1, 2, 1] }, /^seeds: 1 is there twice/],
  ['half a seed', { seeds: [0.5] }, /^seeds: expected whole numbers of at least 0, got 0.5/],
  ['a seed among the options', { options: { envId: 'A-v0', seed: 1 } }, /^options.seed: /],
  ['no runs at a time', { parallel: 0 }, /^parallel: expected a whole number above 0, got 0/],
  [
    'seeds of a group that has some',
    { resume: true, seeds: [1] },
    /^seeds: a group that is resumed has its own/,
  ],
  ['a learner that there is not', { learner: 'torch' }, /^learner: /],
  ['a module without a URL', { server: undefined, envModule: {} }, /^envModule: expected \{ module \}/],
  ['a misspelt name', { paralell: 2 }, /paralell/],
])('refuses %s', async (_, wrong, message) => {
  const right = { server: 'nowhere:1', seeds: [0], options: { envId: 'A-v0' }, groupFolder: folder };
  const started = trainSeeds({ ...right, ...wrong } as Parameters<typeof trainSeeds>[0]);
  await expect(started).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(message) as string,
  });
  expect(await readdir(parent)).toEqual([]);
});

it('gives each run two cores, and is never without one', () => {
  expect([1, 2, 3, 8, 64].map(usualParallel)).toEqual([1, 1, 1, 4, 32]);
});
