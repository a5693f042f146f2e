/**
 * What happened to a run is in events.jsonl, what it learnt in metrics.jsonl, where time went in timing.jsonl.
 * `testing/run-before-events` is the folder of a run of the version before events had a file of their own: two environments whose
 * episodes were lost once, stopped after 20 steps, resumed, stopped after 34 of 60. `resumed-metrics.jsonl` is what that version made
 * of its metrics when it went on.
 */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GymwireError, packageVersion } from '@gymwire/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventsDictionary } from '../run-folder/events.ts';
import { runFilePath } from '../run-folder/run-file-names.ts';
import { timingDictionary } from '../run-folder/timing.ts';
import { IdentityEnv } from '../testing/fake-envs.ts';
import { FakeVectorEnv } from '../testing/fake-vector-env.ts';
import { type TestRequest, TestRun } from '../testing/run-helpers.ts';
import { train } from './train.ts';
import type { MakeEnv } from './train-request.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
});
afterEach(() => rm(folder, { recursive: true }));

type Line = Readonly<Record<string, unknown>> & { readonly type: string };

const linesOf = async (file: 'metrics' | 'events' | 'timing', of = folder) =>
  (await readFile(runFilePath(of, file), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** Episodes that begin by themselves take no seeds. */
const unseeded: MakeEnv = async ({ numEnvs, envId, autoresetMode }) =>
  new FakeVectorEnv({ make: () => new IdentityEnv(7), observationSize: 1, numEnvs, envId, autoresetMode });

function stoppedAt(steps: number, more: Partial<TestRequest> = {}) {
  const controller = new AbortController();
  return new TestRun(
    {},
    {
      runFolder: folder,
      signal: controller.signal,
      onProgress: (event) => {
        if (event.type === 'step' && event.envSteps >= steps) controller.abort();
      },
      ...more,
    },
  );
}

it('has a line for what happened, in order, with documented fields only', async () => {
  await train(stoppedAt(33).request);
  await train(new TestRun({}, { runFolder: folder, resume: true }).request);
  const lines = await linesOf('events');
  expect(lines.map(({ type, envSteps }) => [type, envSteps])).toEqual([
    ['start', 0],
    ['checkpoint', 0],
    ['checkpoint', 25],
    ['checkpoint', 33],
    ['done', 33],
    ['resume', 33],
    ['checkpoint', 50],
    ['checkpoint', 60],
    ['done', 60],
  ]);
  expect(lines[0]).toMatchObject({ version: packageVersion, learner: 'fake', node: process.version });
  expect(lines[5]).toMatchObject({ resumes: 1, gradientSteps: 22 });
  expect(lines.filter(({ type }) => type === 'done').map(({ status }) => status)).toEqual([
    'interrupted',
    'completed',
  ]);
  for (const { type, ...fields } of lines) {
    const known = Object.keys(eventsDictionary[type as keyof typeof eventsDictionary]);
    expect(Object.keys(fields).sort()).toEqual(known.sort());
    expect(fields['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  const times = lines.map(({ time }) => String(time));
  expect(times.toSorted()).toEqual(times);
});

it('metrics.jsonl has neither times nor what depends on stops: kinds of learning alone', async () => {
  await train(stoppedAt(33).request);
  await train(new TestRun({}, { runFolder: folder, resume: true }).request);
  const kinds = new Set((await linesOf('metrics')).map(({ type }) => type));
  expect([...kinds].toSorted()).toEqual(['episode', 'evaluation', 'training']);
});

it('timing.jsonl has parts that add up to each interval, and an interval for the end', async () => {
  await train(new TestRun({}, { runFolder: folder }).request);
  const lines = await linesOf('timing');
  expect(lines.map(({ envSteps }) => envSteps)).toEqual([8, 16, 24, 32, 40, 48, 56, 60]);
  for (const { type, ...fields } of lines) {
    expect(type).toBe('interval');
    expect(Object.keys(fields).sort()).toEqual(Object.keys(timingDictionary.interval).sort());
    const parts = ['environment', 'wire', 'learner', 'evaluation', 'saving', 'other'];
    const sum = parts.reduce((total, part) => total + Number(fields[`${part}Seconds`]), 0);
    expect(sum).toBeCloseTo(Number(fields['seconds']), 9);
  }
});

it('a failure is there with its code and that of its cause', async () => {
  const makeEnv: MakeEnv = async (request) => {
    const env = await unseeded(request);
    const step = env.step.bind(env);
    let steps = 0;
    env.step = async (actions) => {
      if (request.purpose === 'training' && ++steps > 30)
        throw new GymwireError('ENV_FAILED', 'the arm fell off');
      return step(actions);
    };
    return env;
  };
  const run = new TestRun({}, { runFolder: folder, makeEnv });
  const error: unknown = await train(run.request).catch((thrown: unknown) => thrown);
  expect((await linesOf('events')).at(-1)).toMatchObject({
    type: 'failure',
    envSteps: 30,
    code: 'TRAINING_FAILED',
    cause: 'ENV_FAILED',
    message: (error as Error).message,
  });
  expect((await linesOf('events')).map(({ type }) => type)).toContain('checkpoint');
});

it('data that were refused, and a learner that diverged, are failures with their codes', async () => {
  const makeEnv: MakeEnv = async (request) => {
    const env = await unseeded(request);
    const step = env.step.bind(env);
    let steps = 0;
    env.step = async (actions) => {
      const result = await step(actions);
      if (request.purpose === 'training' && ++steps > 30) result.rewards[0] = Number.NaN;
      return result;
    };
    return env;
  };
  const run = new TestRun({}, { runFolder: folder, makeEnv });
  await expect(train(run.request)).rejects.toMatchObject({ code: 'NON_FINITE_VALUE' });
  expect((await linesOf('events')).at(-1)).toMatchObject({ type: 'failure', code: 'NON_FINITE_VALUE' });
});

describe('a run that the version before events had a file started', () => {
  const written = join(import.meta.dirname, '../testing/run-before-events');

  const resumed = () => {
    const more = { runFolder: folder, resume: true, makeEnv: unseeded };
    const run = new TestRun({ numEnvs: 2 }, more, 'same-step');
    return train(run.request);
  };

  it('goes on: its lines stay, nothing is lost and nothing doubled', async () => {
    await cp(written, folder, { recursive: true });
    await resumed();
    const then = (await readFile(join(written, 'resumed-metrics.jsonl'), 'utf8')).split('\n');
    const before = (await readFile(runFilePath(written, 'metrics'), 'utf8')).trimEnd().split('\n');
    const moved = then.filter((line, i) => i >= before.length && /^\{"type":"(resume|warning)"/.test(line));
    expect(moved).toHaveLength(2);
    const metrics = await readFile(runFilePath(folder, 'metrics'), 'utf8');
    // That version did not ask what critics believe.
    expect(metrics.replaceAll(/,"valueStates":0,.*?"overestimation":null/g, '')).toBe(
      then.filter((line) => !moved.includes(line)).join('\n'),
    );
    const events = await linesOf('events');
    expect(
      events.slice(0, 2).map(({ type, envSteps, resumes, code }) => [type, envSteps, resumes ?? code]),
    ).toEqual([
      ['resume', 34, 2],
      ['warning', 34, 'EPISODES_UNSEEDED'],
    ]);
    const timing = await readFile(runFilePath(folder, 'timing'), 'utf8');
    expect(timing.startsWith(await readFile(runFilePath(written, 'timing'), 'utf8'))).toBe(true);
  });

  it('goes on a second time, with the new files', async () => {
    await cp(written, folder, { recursive: true });
    await resumed();
    const files = await Promise.all((['metrics', 'events', 'timing'] as const).map((name) => linesOf(name)));
    const more = { runFolder: folder, resume: true, makeEnv: unseeded };
    const run = new TestRun({ numEnvs: 2, totalEnvSteps: 80 }, more, 'same-step');
    expect(await train(run.request)).toMatchObject({ status: 'completed', envSteps: 80 });
    for (const [i, name] of (['metrics', 'events', 'timing'] as const).entries()) {
      const before = files[i] ?? [];
      expect((await linesOf(name)).slice(0, before.length)).toEqual(before);
    }
  });
});
