/** `train --config` as it is used: what is wrong has a line and a place, what is right is a run as flags would make it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { presetIds, runFilePath } from '@gymwire/agent-sdk/parts';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { errorOf, jsonLines, runCommands } from '../support/cli.ts';
import { seedFlags, seedOptions } from '../support/seeds.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let address: string;

beforeAll(async () => {
  const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
  address = server.address;
  return () => server.shutdown();
});

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

describe('what is wrong in a config file is a line that names the place', () => {
  const right = 'envId: Pendulum-v1\ntotalEnvSteps: 100\n';
  const wrong: readonly (readonly [what: string, file: string, exit: number, code: string, line: string])[] =
    [
      [
        'a key',
        `${right}batchsize: 8\n`,
        2,
        'INVALID_OPTION',
        'run.yaml:3:1: batchsize: no such key: did you mean batchSize?',
      ],
      [
        'a type',
        `${right}batchSize: large\n`,
        2,
        'INVALID_OPTION',
        'run.yaml:3:12: batchSize: expected a whole number at least 1, got "large"',
      ],
      [
        'a range',
        `${right}gamma: 1.5\n`,
        2,
        'INVALID_OPTION',
        'run.yaml:3:8: gamma: Too big: expected number to be <=1, got 1.5',
      ],
      [
        'what two say',
        `${right}learningStarts: 100\n`,
        2,
        'INVALID_OPTION',
        'run.yaml:3:17: learningStarts: expected less than totalEnvSteps at run.yaml:2:16 (100), or nothing is learnt; got 100',
      ],
      ['the environment', 'seed: 1\nenvId: Pendulm-v1\n', 2, 'UNKNOWN_ENV', 'run.yaml:2:8: envId: '],
      [
        'its argument',
        `${right}envArguments:\n  mass: 2\n`,
        2,
        'UNKNOWN_ARGUMENT',
        'run.yaml:4:9: envArguments.mass: Pendulum-v1 has no argument mass; it takes: g',
      ],
      [
        'its argument’s type',
        `${right}envArguments:\n  g: heavy\n`,
        2,
        'INVALID_ARGUMENT',
        'run.yaml:4:6: envArguments.g: ',
      ],
      [
        'a setting',
        `${right}parallel: 2\n`,
        2,
        'USAGE',
        'train: parallel at run.yaml:3:11 is about several runs',
      ],
      ['YAML', 'envId: [a\n', 2, 'INVALID_OPTION', 'run.yaml:2:1: '],
      [
        'a token',
        `${right}token: abc\n`,
        2,
        'INVALID_OPTION',
        'run.yaml:3:1: token: a token is no part of a config file',
      ],
    ];

  it('each of them', async () => {
    const folders = wrong.map(([, file]) => {
      const folder = temporaryFolder();
      writeFiles(folder, { 'run.yaml': file });
      return folder;
    });
    const cwd = temporaryFolder();
    const args = folders.map((folder) => [
      '--json',
      'train',
      '--config',
      join(folder, 'run.yaml'),
      '--server',
      address,
    ]);
    const results = await runCommands(args, cwd);
    for (const [i, [what, , exit, code, line]] of wrong.entries()) {
      const error = errorOf(results[i]);
      expect([what, results[i].code, error['code']]).toEqual([what, exit, code]);
      const told = String(error['message']).replaceAll(join(folders[i], 'run.yaml'), 'run.yaml');
      expect(told.startsWith(line), told).toBe(true);
      expect(told).not.toContain('\n');
      expect(told).not.toContain('abc');
    }
  }, 60_000);
});

describe('a run by a config file', () => {
  const { envId, ...options } = seedOptions;

  it('is the run that flags would make; flags win; paths are the file’s; a resume may bring the file along', async () => {
    const folder = temporaryFolder();
    const config = { envId, ...options, seed: 9, batchSize: 32, out: 'runs/a' };
    writeFiles(folder, { 'run.json': JSON.stringify(config) });
    const cwd = temporaryFolder();
    const file = join(folder, 'run.json');
    const there = ['--server', address];
    const [byFile, byFlags, resumed, again] = await runCommands(
      [
        ['--json', 'train', '--config', file, '--seed', '3', '--batch-size', '16', ...there],
        ['--json', 'train', ...seedFlags(), '--seed', '3', '--out', 'b', ...there],
        [
          '--json',
          'train',
          '--resume',
          join(folder, 'runs', 'a'),
          '--config',
          file,
          '--seed',
          '3',
          '--batch-size',
          '16',
          ...there,
        ],
        ['--json', 'train', '--config', join(cwd, 'b', 'config.json'), '--out', 'c', ...there],
      ],
      cwd,
    );
    expect([byFile.code, byFlags.code, resumed.code, again.code]).toEqual([0, 0, 0, 0]);
    expect(resumed.stderr).not.toContain('not looked at');
    const read = (run: string, name: 'config' | 'metrics') => readFileSync(runFilePath(run, name), 'utf8');
    for (const name of ['config', 'metrics'] as const) {
      const expected = read(join(cwd, 'b'), name);
      // The resume, which found nothing to do, is told behind it.
      expect(read(join(folder, 'runs', 'a'), name).slice(0, expected.length)).toBe(expected);
      expect(read(join(cwd, 'c'), name)).toBe(expected);
    }
  }, 120_000);

  it('is held against the options of the run that it goes on with, by place', async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { 'other.yaml': 'gamma: 0.5\ncheckpointInterval: 77\n' });
    const [, resumed] = await runCommands(
      [
        ['train', ...seedFlags(), '--out', 'a', '--server', address],
        ['--json', 'train', '--resume', 'a', '--config', 'other.yaml', '--server', address],
      ],
      cwd,
    );
    expect(errorOf(resumed)).toMatchObject({
      code: 'CONFIG_MISMATCH',
      message: expect.stringMatching(
        /^other\.yaml:1:8: gamma: the run was started with 0\.98, got 0\.5$/,
      ) as string,
    });
  }, 60_000);

  it('may be runs with several seeds', async () => {
    const cwd = temporaryFolder();
    const config = { envId, ...options, seeds: '3-4', parallel: 2, out: 'group', server: address };
    writeFiles(cwd, { 'group.json': JSON.stringify(config) });
    const [group] = await runCommands([['--json', 'train', '--config', 'group.json']], cwd);
    expect(group.code, group.stderr).toBe(0);
    const last = jsonLines(group.stdout).findLast(({ type }) => type === 'seeds');
    expect(last).toMatchObject({
      status: 'completed',
      groupFolder: 'group',
      runs: [{ seed: 3 }, { seed: 4 }],
    });
  }, 120_000);

  it('of several seeds tells each failure by its place', async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { 'group.yaml': `envId: Pendulm-v1\nseeds: [1]\nserver: ${address}\n` });
    const [group] = await runCommands([['train', '--config', 'group.yaml']], cwd);
    expect(group.stderr).toContain('group.yaml:1:8: envId: ');
  }, 60_000);

  it('is examples/config-file’s, told to be short', async () => {
    const file = join(ROOT, 'examples', 'config-file', 'pendulum.yaml');
    const cwd = temporaryFolder();
    const args = ['--json', 'train', '--config', file, '--steps', '1100', '--server', address];
    const [{ code, stdout, stderr }] = await runCommands([args], cwd);
    expect(code, stderr).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      status: 'completed',
      runFolder: join('runs', 'Pendulum-v1-seed1'),
    });
  }, 60_000);
});

describe('gymwire presets', () => {
  it('lists all, prints one as a config file, and writes it where nothing is', async () => {
    const cwd = temporaryFolder();
    const [list, machines, yaml, written, twice, other, short] = await runCommands(
      [
        ['presets'],
        ['--json', 'presets'],
        ['presets', 'Pendulum-v1'],
        ['presets', 'Pendulum-v1', '--out', 'run.yaml'],
        ['--json', 'presets', 'Pendulum-v1', '--out', 'run.yaml'],
        ['presets', 'Pendulm-v1', '--format', 'json', '--all'],
        ['--json', 'train', '--config', 'run.yaml', '--steps', '1100', '--server', address],
      ],
      cwd,
    );
    for (const envId of presetIds) expect(list.stdout).toContain(envId);
    expect(jsonLines(machines.stdout).map(({ envId }) => envId)).toEqual(presetIds);
    expect(yaml.stdout).toBe(readFileSync(join(cwd, 'run.yaml'), 'utf8'));
    expect(written.stdout).toBe('next: gymwire train --config run.yaml\n');
    expect([twice.code, errorOf(twice)['code']]).toEqual([2, 'USAGE']);
    expect(other.stderr).toContain(
      'Pendulm-v1 has no preset: these are the defaults; did you mean Pendulum-v1?',
    );
    expect(JSON.parse(other.stdout)).toMatchObject({ envId: 'Pendulm-v1', batchSize: 256 });
    expect(short.code, short.stderr).toBe(0);
    const { options } = JSON.parse(
      readFileSync(join(cwd, 'runs', 'Pendulum-v1-seed0', 'config.json'), 'utf8'),
    ) as { readonly options: object };
    expect(options).toMatchObject({ hiddenSizes: [64, 64], gamma: 0.98, totalEnvSteps: 1100 });
  }, 60_000);
});
