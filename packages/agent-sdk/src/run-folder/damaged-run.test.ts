import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../checkpoint/checkpoint.ts';
import { readSnapshotFile } from '../checkpoint/snapshot-file.ts';
import { TestRun } from '../testing/run-helpers.ts';
import type { ProgressEvent } from '../train/report/progress.ts';
import { train } from '../train/train.ts';
import { runFilePath } from './run-file-names.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
  // Stopped at step 33, between a log line and the next evaluation.
  const controller = new AbortController();
  const run = new TestRun({}, { runFolder: folder, signal: controller.signal });
  const onProgress = (event: ProgressEvent) => {
    if (event.type === 'step' && event.envSteps === 33) controller.abort();
  };
  await train({ ...run.request, onProgress });
});
afterEach(() => rm(folder, { recursive: true }));

type RunFile = Parameters<typeof runFilePath>[1];
const read = (file: RunFile) => readFile(runFilePath(folder, file), 'utf8');
const write = (file: RunFile, text: string | Uint8Array) => writeFile(runFilePath(folder, file), text);

/** @returns what was told to be put right */
async function resume(): Promise<string[]> {
  const run = new TestRun({}, { runFolder: folder, resume: true });
  expect(await train(run.request)).toMatchObject({ status: 'completed', envSteps: 60 });
  return run.eventsOf('warning').flatMap(({ code, message }) => (code === 'RUN_MENDED' ? [message] : []));
}

async function refusal(): Promise<unknown> {
  const run = new TestRun({}, { runFolder: folder, resume: true });
  const thrown = await train(run.request).catch((error: unknown) => error);
  // Before anything is made.
  expect(run.envs).toEqual([]);
  return thrown;
}

const corrupt = (message: string) => ({
  name: 'AgentError',
  code: 'FILE_CORRUPT',
  message: expect.stringContaining(message) as string,
});

function withLine(text: string, line: number, change: (line: string) => string): string {
  return text
    .split('\n')
    .map((each, i) => (i === line - 1 ? change(each) : each))
    .join('\n');
}

/** A line as long as before, so that the length says nothing. */
const overwritten = (line: string, by: string) => by.padEnd(line.length).slice(0, line.length);

describe('a metrics.jsonl that was damaged', () => {
  it.each<[string, (line: string) => string, string]>([
    ['is no JSON', (line) => overwritten(line, '\0\0\0'), 'line 3: expected a JSON object, got'],
    [
      'lost its beginning',
      (line) => line.slice(9).padEnd(line.length),
      'line 3: expected a JSON object, got',
    ],
    [
      'is another value',
      (line) => overwritten(line, '[1]'),
      'line 3: expected an object with type and envSteps, got [1]',
    ],
    [
      'is of no known kind',
      (line) => overwritten(line, '{"type":"epizode","envSteps":1}'),
      'line 3: expected one of the types episode, broken',
    ],
    [
      'is beyond the checkpoint',
      (line) => overwritten(line, '{"type":"episode","envSteps":34}'),
      'line 3: envSteps: expected a whole number from 0 to 33, got 34',
    ],
    [
      'has a step that is no number',
      (line) => overwritten(line, '{"type":"episode","envSteps":"7"}'),
      'line 3: envSteps: expected a whole number from 0 to 33, got "7"',
    ],
    [
      'is out of order',
      (line) => overwritten(line, '{"type":"episode","envSteps":33}'),
      ', on the line before 33',
    ],
    [
      'has another digit',
      (line) => line.replace('"length":7', '"length":8'),
      'that the checkpoint counts on',
    ],
  ])('is found where a line %s', async (_, change, message) => {
    const before = await read('metrics');
    const damaged = withLine(before, 3, change);
    expect(damaged).not.toBe(before);
    expect(damaged).toHaveLength(before.length);
    await write('metrics', damaged);
    expect(await refusal()).toMatchObject(corrupt(message));
    // What to do is said, and helps.
    expect(await refusal()).toMatchObject(corrupt('or move it away: the run then goes on without its lines'));
    expect(await read('metrics')).toBe(damaged);
    await rename(runFilePath(folder, 'metrics'), join(folder, 'moved'));
    expect(await resume()).toEqual([
      'metrics.jsonl is missing: the run goes on without its lines up to step 33',
    ]);
    expect((await read('metrics')).split('\n', 1)).toEqual([
      '{"type":"resume","envSteps":33,"gradientSteps":22,"resumes":1}',
    ]);
  });

  it('is found also where an older version kept no checksum', async () => {
    const path = runFilePath(folder, 'checkpoint');
    const { metricsSha256: _, ...older } = await readCheckpoint(path);
    await writeCheckpoint(path, older);
    const before = await read('metrics');
    await write(
      'metrics',
      withLine(before, 5, (line) => overwritten(line, '{"type":')),
    );
    expect(await refusal()).toMatchObject(corrupt('line 5: expected a JSON object'));
    await write('metrics', before);
    expect(await resume()).toEqual([]);
  });

  it('is mended where only lines after the checkpoint are concerned, and that is told', async () => {
    const before = await read('metrics');
    await write('metrics', `${before}{"type":"episode","envSteps":35}\n{"type":"epi`);
    expect(await resume()).toEqual([
      'metrics.jsonl: 2 lines (the last one had no end) after the checkpoint removed; the run goes on from step 33',
    ]);
    expect(await read('metrics')).toContain(before);
  });
});

describe('other files of a run that were damaged', () => {
  it('timing.jsonl: a last line without end is removed, told, and no line is glued to it', async () => {
    const before = await read('timing');
    await write('timing', `${before}{"type":"inter`);
    expect(await resume()).toEqual(['timing.jsonl: its last line had no end and was removed']);
    const lines = (await read('timing')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toContain('interval');
  });

  it('timing.jsonl: a bad line is found, and the file may be moved away', async () => {
    await write(
      'timing',
      withLine(await read('timing'), 2, () => '{"type":"start"'),
    );
    expect(await refusal()).toMatchObject(corrupt('timing.jsonl is damaged: line 2: expected a JSON object'));
    await rm(runFilePath(folder, 'timing'));
    expect(await resume()).toEqual([]);
  });

  it.each([
    [
      'cut off',
      (text: string) => text.slice(0, text.length / 2),
      'is damaged: written anew from the checkpoint',
    ],
    ['of the wrong type', () => '{"options":[]}', 'is damaged: written anew from the checkpoint'],
    ['not there', undefined, 'is missing: written anew from the checkpoint'],
  ])('config.json: %s, it is written anew, and that is told', async (_, damage, told) => {
    const before = await read('config');
    if (damage === undefined) await rm(runFilePath(folder, 'config'));
    else await write('config', damage(before));
    expect(await resume()).toEqual([`config.json ${told}`]);
    expect(await read('config')).toBe(before);
  });

  it('config.json: whoever changed an option in it is told that it does not count', async () => {
    const before = await read('config');
    await write('config', before.replace('"gamma": 0.99', '"gamma": 0.5'));
    expect(await refusal()).toMatchObject({
      code: 'CONFIG_MISMATCH',
      message: expect.stringContaining('gamma is 0.5, the run was started with 0.99') as string,
    });
    // A resume that was killed before its first checkpoint leaves other numbers of steps behind.
    await write('config', before.replace('"totalEnvSteps": 60', '"totalEnvSteps": 80'));
    expect(await resume()).toEqual([]);
  });

  it.each([
    ['damaged', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['missing', undefined],
  ])('best.policy: %s, the checkpoint’s copy takes its place, and that is told', async (fault, damage) => {
    const path = runFilePath(folder, 'bestPolicy');
    const before = await readSnapshotFile(path);
    if (damage === undefined) await rm(path);
    else await write('bestPolicy', damage(await readFile(path)));
    expect(await resume()).toEqual([`best.policy is ${fault}: written anew from the checkpoint`]);
    expect((await readSnapshotFile(path)).evaluation?.meanReturn).toBeGreaterThanOrEqual(
      before.evaluation?.meanReturn ?? Infinity,
    );
  });
});
