import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentError } from '../errors.ts';
import { optionNames, optionRow } from '../options/option-table.ts';
import { presetIds } from '../options/presets.ts';
import { resolveTrainOptions } from '../options/resolve-options.ts';
import { readTrainConfig } from './read-train-config.ts';
import { settingNames, settingRow } from './setting-table.ts';
import { trainConfigText } from './train-config-text.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gymwire-config-'));
  path = join(folder, 'run.yaml');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function read(text: string) {
  writeFileSync(path, text);
  return readTrainConfig(path);
}

/** What is said to a file, a line a fault, without the path. */
async function faults(text: string): Promise<string[]> {
  const error: unknown = await read(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof AgentError)) throw new Error('expected an AgentError');
  expect(error.code).toBe('INVALID_OPTION');
  const lines = error.message.split('\n');
  for (const line of lines) expect(line.startsWith(`${path}:`)).toBe(true);
  return lines.map((line) => line.slice(path.length + 1));
}

describe('a config file', () => {
  it('says options and settings, in YAML and in JSON', async () => {
    const yaml =
      'envId: Pendulum-v1\nenvArguments: { g: 9.81 }\nhiddenSizes: [64, 32]\nserver: localhost:1\n';
    const { options, settings } = await read(yaml);
    expect(options).toEqual({ envId: 'Pendulum-v1', envArguments: { g: 9.81 }, hiddenSizes: [64, 32] });
    expect(settings).toEqual({ server: 'localhost:1' });
    const json = await read(JSON.stringify({ $schema: 'x.json', ...options, ...settings }, null, '\t'));
    expect([json.options, json.settings]).toEqual([options, settings]);
  });

  it('reads numbers as YAML 1.2 does', async () => {
    const { options } = await read('actorLearningRate: 1e-3\nbatchSize: 0x10\nstopAtReturn: -150\n');
    expect(options).toEqual({ actorLearningRate: 0.001, batchSize: 16, stopAtReturn: -150 });
  });

  it('tells where each value stands', async () => {
    const { places } = await read('envId: Pendulum-v1\nenvArguments:\n  g: 9.81\n');
    expect([...places]).toEqual([
      ['envId', `${path}:1:8`],
      ['envArguments', `${path}:3:3`],
      ['envArguments.g', `${path}:3:6`],
    ]);
  });

  it('has paths from its own folder, but for those that are whole', async () => {
    const whole = join(folder, 'elsewhere', 'ca.pem');
    const { settings } = await read(`out: runs/a\ntokenFile: ../token\nca: ${JSON.stringify(whole)}\n`);
    expect(settings).toEqual({
      out: join(folder, 'runs', 'a'),
      tokenFile: join(folder, '..', 'token'),
      ca: whole,
    });
  });

  it('may be a run’s config.json, whose options are taken', async () => {
    const options = resolveTrainOptions({ envId: 'Hopper-v5' });
    const config = await read(JSON.stringify({ configHash: '0', seeding: { version: 2 }, options }, null, 2));
    expect([config.options, config.settings]).toEqual([options, {}]);
    const damaged = { configHash: '0', options: { ...options, gamma: 2 } };
    expect(await faults(JSON.stringify(damaged))).toEqual([
      expect.stringMatching(/^1:\d+: gamma: .*expected number to be <=1, got 2$/),
    ]);
  });
});

describe('of a config file, a line with its place tells of', () => {
  it.each([
    ['batchsize: 3', '1:1: batchsize: no such key: did you mean batchSize?'],
    ['hidden_sizes: [3]', '1:1: hidden_sizes: no such key: did you mean hiddenSizes?'],
    ['\n\n"learning-starts": 3', '3:1: learning-starts: no such key: did you mean learningStarts?'],
    ['steps: 3', '1:1: steps: no such key: did you mean totalEnvSteps?'],
    ['stpes: 3', '1:1: stpes: no such key: did you mean totalEnvSteps?'],
    ['lr: 3', '1:1: lr: no such key: did you mean actorLearningRate and criticLearningRate?'],
    ['runFolder: a', '1:1: runFolder: no such key: did you mean out?'],
    ['token: a', '1:1: token: a token is no part of a config file: tokenFile names the file that has it'],
    [
      'resume: a',
      '1:1: resume: a config file says what a run is: --resume, on the command line, that one goes on',
    ],
    [
      'toString: 1',
      '1:1: toString: no such key: expected an option of training or a setting; the JSON Schema lists them',
    ],
    ['envArguments: { __proto__: 1 }', expect.stringMatching(/^1:17: envArguments\.__proto__: no such key/)],
    ['batchSize: large', '1:12: batchSize: expected a whole number at least 1, got "large"'],
    ['batchSize: 1_000', '1:12: batchSize: expected a whole number at least 1, got "1_000"'],
    ['batchSize:', '1:11: batchSize: expected a whole number at least 1, got null'],
    ['callDeadlineMs: soon', '1:17: callDeadlineMs: expected a whole number at least 1, got "soon"'],
    ['discount: 0.9', '1:1: discount: no such key: did you mean gamma?'],
    ['hiddenSizes:\n  - 64\n  - x', '3:5: hiddenSizes.1: expected number, got "x"'],
    ['{\n\t"gamma": 2\n}', expect.stringMatching(/^2:11: gamma: .*<=1, got 2$/)],
    ['mode: fast', expect.stringMatching(/^1:7: mode: .*"pipelined"\|"alternating", got "fast"$/)],
    ['seeds: 5', '1:8: seeds: expected seeds such as 0-4, or [0, 3, 7], got 5'],
    ['learnerThreads: 4', '1:17: learnerThreads: expected auto, 1 or 2, got 4'],
    ['seeds: 0-4\nseed: 1', '1:1: seeds: expected seed or seeds, got both'],
    ['server: a:1\nserversFile: b', '2:1: serversFile: expected server or serversFile, got both'],
    [
      'envArguments:\n  a: { b: 1 }',
      '2:6: envArguments.a: expected true, false, a number, a text or a list of numbers, got {"b":1}',
    ],
    ['gamma: 0.9\ngamma: 0.8', '2:1: this key is there twice: which one goes?'],
    ['gamma: 0.9\n---\ngamma: 0.8', '2:1: a second document begins: expected one'],
    ['gamma: !!js/function 1', expect.stringMatching(/^1:8: unresolved tag/)],
    ['gamma: 0.9\ntau: *rate', '2:6: no anchor &rate before *rate'],
    ['hiddenSizes: [1', expect.stringMatching(/^\d:\d+: flow sequence/)],
    ['? [a]\n: 1', '1:3: expected a name before the colon'],
    ['', '1:1: expected keys such as envId: Pendulum-v1; the file is empty'],
    ['# nothing', '1:1: expected keys such as envId: Pendulum-v1; the file is empty'],
    ['[1]', '1:1: expected keys such as envId: Pendulum-v1; got an array of 1'],
  ])('%j', async (text, fault) => {
    expect(await faults(text)).toEqual([fault]);
  });

  it('each of several, in their order', async () => {
    const found = await faults('gamma: 2\nsteps: 3\nenvId: x\nbatchSize: 0\n');
    expect(found.map((line) => line.split(': ', 2).join(' '))).toEqual([
      '1:8 gamma',
      '2:1 steps',
      '4:12 batchSize',
    ]);
  });

  it('UTF-16, which a redirection on Windows may write', async () => {
    writeFileSync(path, Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from('envId: x\n', 'utf16le')]));
    await expect(readTrainConfig(path)).rejects.toThrow(/run\.yaml:1:1: this is UTF-16.*save it as UTF-8/);
    expect((await read('\uFEFFenvId: x\n')).options).toEqual({ envId: 'x' });
  });

  it('a huge value that aliases make of a small file', async () => {
    const levels = Array.from({ length: 9 }, (_, i) => `&a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`);
    const text = `x0: &a0 [1]\n${levels.map((level, i) => `x${i + 1}: ${level}`).join('\n')}\n`;
    expect((await faults(text)).join()).toMatch(/alias/i);
  });
});

it('a file that cannot be read is told by its path', async () => {
  await expect(readTrainConfig(join(folder, 'none.yaml'))).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: expect.stringContaining('none.yaml') as string,
  });
});

it.skipIf(process.platform === 'win32')('who may write the file may not say where tokens go', async () => {
  await read('batchSize: 8\n');
  chmodSync(path, 0o666);
  expect((await readTrainConfig(path)).options).toEqual({ batchSize: 8 });
  writeFileSync(path, 'batchSize: 8\ntokenFile: t\n');
  await expect(readTrainConfig(path)).rejects.toThrow(/everybody on this machine can write .*chmod o-w/);
});

describe('trainConfigText', () => {
  it.each([...presetIds, 'Other-v0'])('trains %s as its preset does', async (envId) => {
    for (const format of ['yaml', 'json'] as const) {
      for (const all of [false, true]) {
        const { options, settings } = await read(trainConfigText(envId, { format, all }));
        expect(resolveTrainOptions(options)).toEqual(resolveTrainOptions({ envId }));
        expect(settings).toEqual({});
        const isComplete = Object.keys(options).length === optionNames.length;
        expect(isComplete).toBe(all);
      }
    }
  });

  it('tells editors where the schema is, first', () => {
    expect(trainConfigText('Pendulum-v1')).toMatch(
      /^# yaml-language-server: \$schema=https:\/\/\S+\/@gymwire\/agent-sdk@\d+\.\d+\.\d+\S*\/schema\/train-config\.json\n/,
    );
  });
});

it('an option and a setting never have one name, nor one flag', () => {
  const names: string[] = [...optionNames, ...settingNames];
  const flags = [
    ...optionNames.map((name) => optionRow(name).flag.name),
    ...settingNames.map((name) => settingRow(name).flag),
  ];
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(flags).size).toBe(flags.length);
});
