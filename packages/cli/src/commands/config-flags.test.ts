import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentError } from '@gymwire/agent-sdk';
import { optionNames, optionRow, optionShorthands, settingNames, settingRow } from '@gymwire/agent-sdk/parts';
import { GymwireError } from '@gymwire/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProgram } from '../main.ts';
import { UsageError } from '../usage-error.ts';
import { inConfig, type UsedConfig, withConfig } from './config-flags.ts';
import type { TrainFlags } from './train-flags.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gymwire-config-'));
  path = join(folder, 'run.yaml');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function trainCommand() {
  const program = await createProgram({ run: async () => undefined });
  const train = program.commands.find((command) => command.name() === 'train');
  if (train === undefined) throw new Error('expected a command train');
  return { program, train };
}

/** What `train` goes by, of a file and the flags beside it. */
async function goesBy(file: string, ...flags: string[]) {
  // Behind all else, so that places are as they are written.
  const isNamed = file.includes('envId') || flags.includes('--resume');
  writeFileSync(path, isNamed ? file : `${file.trimEnd()}\nenvId: Pendulum-v1\n`);
  const { program, train } = await trainCommand();
  await program.parseAsync(['train', '--config', path, ...flags], { from: 'user' });
  const found = await withConfig(train, train.opts<TrainFlags>());
  const { config: _, env, learner, learnerThreads, ...own } = found.flags;
  const chosen = {
    ...(learner !== 'auto' && { learner }),
    ...(learnerThreads !== 'auto' && { learnerThreads }),
  };
  return {
    flags: { ...own, ...chosen, ...(env !== 'Pendulum-v1' && env !== undefined && { env }) },
    config: found.config,
  };
}

describe('train --config', () => {
  it.each([
    ['batchSize: 8\ngamma: 0.9', '--gamma 0.5', { batchSize: 8, gamma: 0.5 }],
    ['gamma: 0.9', '--gamma 0.99', { gamma: 0.99 }],
    ['envId: A-v0\nseed: 1', '--env B-v0', { env: 'B-v0', seed: 1 }],
    ['normalizeObservations: true', '', { normalizeObservations: true }],
    ['normalizeObservations: true', '--no-normalize-observations', { normalizeObservations: false }],
    ['normalizeObservations: false', '--normalize-observations', { normalizeObservations: true }],
    ['envArguments: { g: 1, on: true }', '--env-arg g=2 --env-arg h=3', { envArg: { g: 2, on: true, h: 3 } }],
    ['actorLearningRate: 1\ncriticLearningRate: 2', '--lr 3', { lr: 3 }],
    ['actorLearningRate: 1\ncriticLearningRate: 2', '--actor-lr 3', { actorLr: 3, criticLr: 2 }],
    ['learner: tfjs-cpu\nlearnerThreads: 2', '--learner auto', { learnerThreads: '2' }],
    ['learner: tfjs-cpu\nlearnerThreads: 2', '', { learner: 'tfjs-cpu', learnerThreads: '2' }],
    ['seeds: 0-2\nparallel: 2', '', { seeds: [0, 1, 2], parallel: 2 }],
    ['seeds: [4, 0]', '', { seeds: [4, 0] }],
    ['seeds: 0-2\nparallel: 2', '--seed 5', { seed: 5 }],
    ['seeds: 0-2\nparallel: 2', '--seeds 7', { seeds: [7], parallel: 2 }],
    ['seed: 3', '--seeds 7', { seeds: [7] }],
    ['server: [a:1, b:2]\nfleetMode: elastic', '', { server: 'a:1,b:2', fleetMode: 'elastic' }],
    ['server: [a:1, b:2]\nfleetMode: elastic', '--server c:3', { server: 'c:3' }],
    ['tls: true\nserver: a:1', '--server c:3', { server: 'c:3', tls: true }],
    ['seed: 3\nout: runs/a\ntotalEnvSteps: 9', '--resume runs/b', { resume: 'runs/b', seed: 3, steps: 9 }],
    ['maxEpisodeSteps: null', '', { maxEpisodeSteps: null }],
  ])('%j with flags %j', async (file, flags, expected) => {
    const { flags: found } = await goesBy(file, ...flags.split(' ').filter((word) => word !== ''));
    expect(found).toEqual(expected);
  });

  it('is not asked for where there is none', async () => {
    const { train } = await trainCommand();
    const flags = train.opts<TrainFlags>();
    expect(await withConfig(train, flags)).toEqual({ flags });
  });

  it('is to name an environment, where no flag does', async () => {
    writeFileSync(path, 'gamma: 0.9\n');
    const { program, train } = await trainCommand();
    await program.parseAsync(['train', '--config', path], { from: 'user' });
    await expect(withConfig(train, train.opts<TrainFlags>())).rejects.toThrow(
      `train: ${path} has no envId: expected it there, or --env`,
    );
  });

  it('says what a resume does not look at', async () => {
    const { config } = await goesBy('out: runs/a\nseeds: 0-4\ngamma: 0.9\n', '--resume', 'runs/b');
    expect(config?.notes).toEqual([
      `${path}:1:6: out: not looked at: --resume names a folder, which has its own`,
      `${path}:2:8: seeds: not looked at: --resume names a folder, which has its own`,
    ]);
  });

  it.each([
    ['4-0', 'Expected the lower seed first, got 4-0.'],
    ['[1, 1]', '1 is there twice: equal seeds are equal runs.'],
  ])('refuses seeds that make no sense together, with their place: %s', async (seeds, fault) => {
    await expect(goesBy(`seeds: ${seeds}\n`)).rejects.toThrow(`${path}:1:8: seeds: ${fault}`);
  });

  it('may say all that a flag says, but for what is about this once', async () => {
    const { train } = await trainCommand();
    const rows = [...optionNames.map(optionRow), ...optionShorthands];
    const known: string[] = [
      ...rows.flatMap(({ flag: { name, value } }: { flag: { name: string; value?: string } }) =>
        value === undefined ? [name, name.replace('--', '--no-')] : [name],
      ),
      ...settingNames.map((name) => settingRow(name).flag),
      '--config',
      '--resume',
      '--take-over',
    ];
    expect(new Set(train.options.map(({ long }) => long))).toEqual(new Set(known));
  });
});

describe('an error', () => {
  const file =
    'envId: Pendulum-v1\nlearningStarts: 300\ntotalEnvSteps: 300\nenvArguments:\n  g: 1\n  gg: 2\nfleetMode: strict\n';
  let config: UsedConfig | undefined;

  beforeEach(async () => {
    ({ config } = await goesBy(file, '--gamma', '2'));
  });

  const told = (thrown: unknown) => (inConfig(thrown, config) as Error).message.replaceAll(path, 'run.yaml');

  it.each([
    [
      '--learning-starts (learningStarts): expected less than --steps (300), or nothing is learnt; got 300',
      'run.yaml:2:17: learningStarts: expected less than totalEnvSteps at run.yaml:3:16 (300), or nothing is learnt; got 300',
    ],
    ['--env-arg g (envArguments): wrong', 'run.yaml:5:6: envArguments.g: wrong'],
    ['--gamma (gamma): too big, got 2', '--gamma (gamma): too big, got 2'],
    ['--steps (totalEnvSteps): a; --gamma (gamma): b', 'run.yaml:3:16: totalEnvSteps: a; --gamma (gamma): b'],
  ])('of options that the file has: %s', (message, expected) => {
    expect(told(new AgentError('INVALID_OPTION', message))).toBe(expected);
  });

  it('of flags that do not go together', () => {
    const error = inConfig(
      new UsageError('--fleet-mode belongs to a fleet: name several with --server'),
      config,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(told(error)).toBe('run.yaml:7:12: fleetMode belongs to a fleet: name several with --server');
  });

  it('of an environment that the server does not know, or its arguments', () => {
    expect(told(new GymwireError('UNKNOWN_ENV', 'no such environment'))).toBe(
      'run.yaml:1:8: envId: no such environment',
    );
    const details = { argument: 'g' };
    const argument = inConfig(
      new GymwireError('INVALID_ARGUMENT', 'g of Pendulum-v1: too small', { details, origin: 'peer' }),
      config,
    );
    expect(argument).toMatchObject({ code: 'INVALID_ARGUMENT', details, origin: 'peer' });
    expect((argument as Error).message).toBe(`${path}:5:6: envArguments.g: g of Pendulum-v1: too small`);
    expect(told(new GymwireError('UNKNOWN_ARGUMENT', 'there is no argument gg; it takes: g'))).toBe(
      'run.yaml:6:7: envArguments.gg: there is no argument gg; it takes: g',
    );
    expect(told(new GymwireError('INVALID_ARGUMENT', 'an address: expected host:port'))).toBe(
      'an address: expected host:port',
    );
  });

  it('of anything else is what it was', () => {
    for (const thrown of [new Error('--steps'), new GymwireError('CAPACITY', 'full'), 'text']) {
      expect(inConfig(thrown, config)).toBe(thrown);
    }
    expect(inConfig(new UsageError('--steps'), undefined)).toEqual(new UsageError('--steps'));
  });
});
