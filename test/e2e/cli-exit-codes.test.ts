/** What a command ends with when it fails, and what it says. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@gymwire/agent-sdk';
import { runFilePath } from '@gymwire/agent-sdk/parts';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { describe, expect, it, onTestFinished } from 'vitest';
import { errorOf, runCli, runCommands, startServer } from '../support/cli.ts';
import { smallPolicy } from '../support/small-policy.ts';
import { targetEnv } from '../support/target-env.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A command that fails, its exit code and its error's code. */
type Failure = readonly [args: readonly string[], exit: number, code: string];

/** Runs commands that should fail, the first in a process of its own, the others in one. */
async function checkFailures(expected: readonly Failure[], cwd: string): Promise<void> {
  const [first, ...others] = expected.map(([args]) => ['--json', ...args]);
  const results = [await runCli(first, cwd), ...(await runCommands(others, cwd))];
  const found = results.map((result, i) => [expected[i][0], result.code, errorOf(result).code]);
  expect(found).toEqual(expected);
  for (const { stderr } of results) {
    // People are told as well, in words and without a stack.
    expect(stderr).toMatch(/error|Usage/);
    expect(stderr).not.toMatch(/\n {4}at /);
  }
}

function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length / 2)] ^= 4;
  writeFileSync(path, bytes);
}

describe('exit codes', () => {
  it('2: wrong usage, an unknown environment or argument, a run that is there already', async () => {
    const folder = temporaryFolder();
    const { policy, run } = await smallPolicy(folder);
    const before = readFileSync(runFilePath(run, 'checkpoint'));
    // Stopped before its first evaluation.
    const early = join(folder, 'early');
    cpSync(run, early, { recursive: true });
    rmSync(runFilePath(early, 'bestPolicy'));
    // What is wrong is seen by commands that have a server, whoever's.
    const server = await startEnvServer({ port: 0, envs: builtinEnvs });
    onTestFinished(() => server.shutdown());
    const there = ['--server', server.address];
    const few = ['--steps', '100', ...there];
    const usage: [string[], string][] = [
      [[], 'USAGE'],
      [['train', '--stpes', '5'], 'USAGE'],
      [['train', '--env', 'Pendulum-v1', '--env', 'Hopper-v5'], 'USAGE'],
      [['eval', run, '--server', '127.0.0.1:1', '--server', '127.0.0.1:2'], 'USAGE'],
      [['train'], 'USAGE'],
      [['train', '--env', 'Pendulum-v1', '--steps', '-1'], 'USAGE'],
      [['train', '--env', 'Pendulum-v1', '--lr', '0'], 'INVALID_OPTION'],
      [['train', '--resume', run, '--out', 'other'], 'USAGE'],
      [['serve', '--log-level', 'loud'], 'USAGE'],
      [['export', run], 'USAGE'],
      [['export', run, '--out', 'p.onnx', '--metadata', 'site'], 'USAGE'],
      [['export', run, '--out', 'p.onnx', '--metadata', 'a=1', '--metadata', 'a=2'], 'USAGE'],
      [['export', 'nowhere', '--out', 'p.onnx'], 'RUN_NOT_FOUND'],
      [['eval', 'nowhere'], 'RUN_NOT_FOUND'],
      [['eval', folder], 'RUN_NOT_FOUND'],
      [['eval', early], 'POLICY_NOT_FOUND'],
      [['export', early, '--out', 'p.onnx'], 'POLICY_NOT_FOUND'],
      [['train', '--resume', 'nowhere', ...few], 'RUN_NOT_FOUND'],
      [['train', '--env', 'Pendulum-v1', '--out', run, ...few], 'RUN_EXISTS'],
      [['train', '--resume', run, '--seed', '9', ...there], 'CONFIG_MISMATCH'],
      [['train', '--env', 'Pendulum-v9', ...few], 'UNKNOWN_ENV'],
      [['train', '--env', 'Pendulum-v1', '--env-arg', 'mass=2', ...few], 'UNKNOWN_ARGUMENT'],
      [['train', '--env', 'Pendulum-v1', '--env-arg', 'g=heavy', ...few], 'INVALID_ARGUMENT'],
      [['run', policy, '--server', 'localhost'], 'INVALID_ARGUMENT'],
      [['run', policy, '--env', 'MountainCarContinuous-v0', '--episodes', '1', ...there], 'OBSERVATION_SIZE'],
    ];
    await checkFailures(
      usage.map(([args, code]) => [args, 2, code]),
      folder,
    );
    expect(readFileSync(runFilePath(run, 'checkpoint')).equals(before)).toBe(true);
  });

  it('2: tells of wrong usage what was probably meant', async () => {
    const hints: readonly (readonly [args: readonly string[], hint: string])[] = [
      [['serve', 'Pendulum-v1'], '"Pendulum-v1": serve is given no names of environments'],
      [['serve', '--env', 'Pendulum-v1'], 'serve is given no names of environments'],
      [['train', '--learning-rate', '0.001'], '(Did you mean --lr?)'],
      [['train', '--actor-learning-rate', '0.001'], '(Did you mean --actor-lr?)'],
      [['train', '--noise_clip', '0.5'], '(Did you mean --target-noise-clip?)'],
      [['train', '--total-timesteps', '5'], '(Did you mean --steps?)'],
      [['train', '--batch-siz', '5'], '(Did you mean --batch-size?)'],
      [['train', '--nothing-like-it'], 'see gymwire train --help'],
      [['envs', '127.0.0.1:50051'], 'is it the server? --server 127.0.0.1:50051'],
      [['export', 'runs/x'], 'For example: gymwire export runs/Pendulum-v1-seed0 --out policy.onnx'],
      [['eval'], 'For example: gymwire eval runs/Pendulum-v1-seed0'],
    ];
    const results = await runCommands(
      hints.map(([args]) => ['--json', ...args]),
      temporaryFolder(),
    );
    for (const [i, result] of results.entries()) {
      expect(errorOf(result)).toMatchObject({ code: 'USAGE' });
      expect(errorOf(result).message).toContain(hints[i][1]);
      expect(result.stderr).toContain(hints[i][1]);
      expect(result.code).toBe(2);
    }
  });

  it('2: says whose environments there are, where --server was forgotten', async () => {
    const folder = temporaryFolder();
    const server = await startEnvServer({ port: 0, envs: [targetEnv] });
    const connection = await connect(server.address);
    const { run, policy } = await smallPolicy(folder, { envId: 'Target-v0' }, connection);
    connection.close();
    await server.shutdown();
    const commands: (readonly [args: string[], source: string])[] = [
      [['train', '--env', 'Target-v0', '--steps', '100'], ''],
      [['train', '--resume', run, '--steps', '500'], ` (that of ${run})`],
      [['eval', run], ` (that of ${run})`],
      [['run', policy], ` (that of ${policy})`],
    ];
    const results = await runCommands(
      commands.map(([args]) => args),
      folder,
    );
    for (const [i, { code, stderr }] of results.entries()) {
      const [, source] = commands[i];
      expect([code, stderr]).toEqual([2, expect.stringContaining('name yours with --server')]);
      expect(stderr).toContain(`no environment "Target-v0"${source} on the command's own server`);
    }
  });

  it('2: a slip in naming the environment, with what was probably meant', async () => {
    const folder = temporaryFolder();
    const slips: (readonly [args: string[], told: string])[] = [
      [
        ['--env', 'Pendulm-v1'],
        `no environment "Pendulm-v1" on the command's own server: did you mean Pendulum-v1?`,
      ],
      [['Pendulum-v1'], 'got "Pendulum-v1"; is it the environment? --env Pendulum-v1'],
    ];
    for (const [args, told] of slips) {
      const { code, stderr } = await runCli(['train', ...args, '--steps', '100'], folder);
      expect([code, stderr]).toEqual([2, expect.stringContaining(told)]);
    }
  });

  it('3: no server', async () => {
    const folder = temporaryFolder();
    const { policy } = await smallPolicy(folder);
    const nobody = ['--server', '127.0.0.1:1'];
    const { address } = await startServer(folder);
    const commands = [
      ['train', '--env', 'Pendulum-v1', '--steps', '100', ...nobody],
      ['eval', policy, ...nobody],
      ['run', policy, ...nobody],
      ['serve', '--port', address.split(':').at(-1) ?? ''],
    ];
    await checkFailures(
      commands.map((args) => [args, 3, 'SERVER_UNAVAILABLE']),
      folder,
    );
  });

  it('4: a damaged file, or a place that cannot be written; 5: a policy that fails verification', async () => {
    const folder = temporaryFolder();
    const { policy, run } = await smallPolicy(folder);
    writeFileSync(join(folder, 'note.onnx'), 'not a policy');
    writeFileSync(join(folder, 'flipped.onnx'), readFileSync(policy));
    damage(join(folder, 'flipped.onnx'));
    mkdirSync(join(folder, 'damaged'));
    for (const file of ['checkpoint', 'bestPolicy'] as const) {
      const path = runFilePath(join(folder, 'damaged'), file);
      writeFileSync(path, readFileSync(runFilePath(run, file)));
      damage(path);
    }
    const below = join(policy, 'below');
    const failures: Failure[] = [
      [['train', '--resume', 'damaged'], 4, 'FILE_CORRUPT'],
      [['eval', 'damaged'], 4, 'FILE_CORRUPT'],
      [['export', 'damaged', '--out', 'p.onnx'], 4, 'FILE_CORRUPT'],
      [['eval', 'note.onnx'], 4, 'NOT_ONNX'],
      [['run', 'flipped.onnx'], 4, 'CORRUPT_MODEL'],
      [['verify', 'nowhere.onnx'], 4, 'UNREADABLE_FILE'],
      [['export', run, '--out', below], 4, 'UNWRITABLE_FILE'],
      [['train', '--env', 'Pendulum-v1', '--out', below], 4, 'NOT_WRITABLE'],
      [['verify', 'flipped.onnx'], 5, 'CORRUPT_MODEL'],
      [['verify', 'note.onnx'], 5, 'NOT_ONNX'],
    ];
    await checkFailures(failures, folder);
  });
});
