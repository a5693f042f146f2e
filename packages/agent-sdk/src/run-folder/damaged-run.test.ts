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
      'line 3: expected one of the types episode, training, evaluation',
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
    const [first = ''] = (await read('metrics')).split('\n', 1);
    expect(JSON.parse(first)).toMatchObject({ envSteps: 40 });
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
  it.each(['timing', 'events'] as const)(
    '%s.jsonl: a last line without end is removed, told, and no line is glued to it',
    async (name) => {
      const before = await read(name);
      await write(name, `${before}{"type":"inter`);
      expect(await resume()).toEqual([`${name}.jsonl: its last line had no end and was removed`]);
      const after = await read(name);
      expect(after.startsWith(before)).toBe(true);
      const lines = after.trimEnd().split('\n');
      expect(lines.map((line) => (JSON.parse(line) as { envSteps: number }).envSteps).at(-1)).toBe(60);
    },
  );

  it.each(['timing', 'events'] as const)(
    '%s.jsonl: a bad line is found, and the file may be moved away',
    async (name) => {
      await write(
        name,
        withLine(await read(name), 2, () => '{"type":"start"'),
      );
      expect(await refusal()).toMatchObject(
        corrupt(`${name}.jsonl is damaged: line 2: expected a JSON object`),
      );
      expect(await refusal()).toMatchObject(corrupt('move it away: nothing of the run depends on it'));
      await rm(runFilePath(folder, name));
      expect(await resume()).toEqual([`${name}.jsonl is missing: the run goes on without its lines`]);
    },
  );

  it.each(['timing', 'events'] as const)(
    '%s.jsonl: another digit, or lines that are gone, are found by what the last checkpoint knew',
    async (name) => {
      const before = await read(name);
      await write(
        name,
        before.replace('"envSteps":0', '"envSteps":1').replace('"envSteps":8', '"envSteps":9'),
      );
      expect(await refusal()).toMatchObject(corrupt('are no longer those that the checkpoint counts on'));
      await write(name, `${before.split('\n', 1).join('')}\n`);
      expect(await refusal()).toMatchObject(corrupt(`${name}.jsonl is damaged: expected `));
      await write(name, before);
      expect(await resume()).toEqual([]);
    },
  );

  it('events.jsonl: what happened after the checkpoint stays', async () => {
    const line = '{"type":"connection","time":"2026-11-29T12:00:00.000Z","envSteps":35,"state":"broken"}\n';
    const before = await read('events');
    await write('events', `${before}${line}`);
    expect(await resume()).toEqual([]);
    expect((await read('events')).startsWith(`${before}${line}{"type":"resume"`)).toBe(true);
  });

  it('lines.json: damaged, the other files are taken as they are, and that is told', async () => {
    await write('lines', '{');
    expect(await resume()).toEqual(['lines.json is damaged: the next checkpoint writes it anew']);
    expect(JSON.parse(await read('lines'))).toMatchObject({ events: {}, timing: {} });
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
