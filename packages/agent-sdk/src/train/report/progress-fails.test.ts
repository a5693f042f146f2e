import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRunSummary } from '../../run-folder/run-files.ts';
import { TestRun } from '../../testing/run-helpers.ts';
import { train } from '../train.ts';
import type { OnProgress, ProgressEvent } from './progress.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A listener that fails once it has been told this, at once or later. */
function failing(at: (event: ProgressEvent) => boolean, how: 'throws' | 'rejects', told: ProgressEvent[]) {
  const broken = new Error('the log is full');
  const onProgress: OnProgress = (event) => {
    told.push(event);
    if (!at(event)) return undefined;
    if (how === 'throws') throw broken;
    return sleep(5).then(() => Promise.reject(broken));
  };
  return { onProgress, broken };
}

describe.each(['throws', 'rejects'] as const)('an onProgress that %s', (how) => {
  it.each<[ProgressEvent['type'], number]>([
    ['step', 33],
    ['episode', 35],
    ['training', 40],
    ['evaluation', 40],
    ['checkpoint', 50],
    ['done', 60],
  ])('at the event %s ends the training with a code, saved, and not the process', async (type, steps) => {
    const told: ProgressEvent[] = [];
    const at = (event: ProgressEvent) =>
      event.type === type && (!('envSteps' in event) || event.envSteps === steps);
    const { onProgress, broken } = failing(at, how, told);
    const run = new TestRun({}, { runFolder: folder });
    await expect(train({ ...run.request, onProgress })).rejects.toMatchObject({
      name: 'AgentError',
      code: 'PROGRESS_FAILED',
      message: `onProgress failed at the event "${type}": the log is full — saved after ${steps} environment steps; to go on, resume the run in ${folder}`,
      cause: { cause: broken },
    });
    expect((await readRunSummary(folder)).envSteps).toBe(steps);
    // Whoever failed once is left alone.
    expect(at(told.at(-1) as ProgressEvent)).toBe(true);
    expect(run.envs.every(({ env }) => env.isClosed)).toBe(true);
    const resumed = new TestRun({}, { runFolder: folder, resume: true });
    expect(await train(resumed.request)).toMatchObject({ status: 'completed', envSteps: 60 });
  });
});

it('an onProgress that fails at the start leaves a run that can be resumed', async () => {
  const run = new TestRun({}, { runFolder: folder });
  const { onProgress } = failing(({ type }) => type === 'start', 'rejects', []);
  await expect(train({ ...run.request, onProgress })).rejects.toMatchObject({
    code: 'PROGRESS_FAILED',
    message: `onProgress failed at the event "start": the log is full — no step was taken; to go on, resume the run in ${folder}`,
  });
  const resumed = new TestRun({}, { runFolder: folder, resume: true });
  expect(await train(resumed.request)).toMatchObject({ status: 'completed', envSteps: 60 });
});

it('a listener that takes its time is waited for', async () => {
  let isBusy = false;
  const order: boolean[] = [];
  const onProgress = async () => {
    order.push(isBusy);
    isBusy = true;
    await sleep(1);
    isBusy = false;
  };
  await train({ ...new TestRun({}).request, onProgress });
  expect(order.length).toBeGreaterThan(60);
  expect(order).not.toContain(true);
});
