/** The command line as users and scripts see it: processes, exit codes, one JSON object a line. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type EnvConnection, readRunSummary, type TrainOptions } from '@gymwire/agent-sdk';
import { type MakeEnv, runFilePath } from '@gymwire/agent-sdk/parts';
import { startEnvServer } from '@gymwire/env-server';
import { exportPolicy } from '@gymwire/exporter';
import { packageVersion } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { jsonLines, runCli, startCli, startServer } from '../support/cli.ts';
import { localEnvs } from '../support/local-env.ts';
import type { NodeProgram, ProgramResult } from '../support/node-program.ts';
import { readMetrics } from '../support/run-files.ts';
import { trainSmall } from '../support/small-training.ts';
import { targetEnv } from '../support/target-env.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const pendulum = ['train', '--env', 'Pendulum-v1'];
/** On any machine, and slow enough to be caught at it: learning starts after 500 steps. */
const learner = ['--learner', 'tfjs-wasm'];
const longRun = [
  ...pendulum,
  ...learner,
  '--steps',
  '5000',
  '--eval-every',
  '5000',
  '--checkpoint-every',
  '200',
];

/** However fast the machine, such a run is still under way when it is to be stopped. */
const endlessRun = [
  ...pendulum,
  '--steps',
  '1000000',
  '--learning-starts',
  '500',
  '--eval-every',
  '1000000',
  '--checkpoint-every',
  '200',
];

/** What a failed command says to machines. */
function errorOf({ stdout }: ProgramResult): Record<string, unknown> {
  const last = jsonLines(stdout).at(-1);
  expect(last).toMatchObject({ type: 'error', message: expect.stringMatching(/../) as string });
  return last ?? {};
}

/** A command that fails, its exit code and its error's code. */
type Failure = readonly [args: readonly string[], exit: number, code: string];

/** Runs commands that should fail, two at a time. */
async function checkFailures(expected: readonly Failure[], cwd: string): Promise<void> {
  const results: ProgramResult[] = [];
  const queue = [...expected.keys()];
  const work = async () => {
    for (let i = queue.shift(); i !== undefined; i = queue.shift())
      results[i] = await runCli(['--json', ...expected[i][0]], cwd);
  };
  await Promise.all([work(), work()]);
  const found = results.map((result, i) => [expected[i][0], result.code, errorOf(result).code]);
  expect(found).toEqual(expected);
  for (const { stderr } of results) {
    // People are told as well, in words and without a stack.
    expect(stderr).toMatch(/error|Usage/);
    expect(stderr).not.toMatch(/\n {4}at /);
  }
}

/** A run and its exported policy, made in a moment. */
async function smallPolicy(
  folder: string,
  options: Partial<TrainOptions> = { maxEpisodeSteps: null },
  where: EnvConnection | MakeEnv = localEnvs('same-step'),
): Promise<{ run: string; policy: string }> {
  const run = join(folder, 'small');
  const { policy: snapshot } = await trainSmall(where, options, { runFolder: run });
  const policy = join(folder, 'policy.onnx');
  writeFileSync(policy, (await exportPolicy(snapshot)).bytes);
  return { run, policy };
}

function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length / 2)] ^= 4;
  writeFileSync(path, bytes);
}

describe('the walk', () => {
  it('serves, trains, evaluates, exports, verifies and runs', async () => {
    const folder = temporaryFolder();
    const { process: server, address } = await startServer(folder);
    const onServer = ['--server', address];
    const json = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCli(['--json', ...args], folder);
      expect([args, code, stderr]).toEqual([args, 0, expect.not.stringContaining('rror')]);
      return jsonLines(stdout);
    };

    const trained = await json(
      ...pendulum,
      '--steps',
      '250',
      '--eval-every',
      '100',
      '--out',
      'run',
      ...onServer,
    );
    expect(trained[0]).toMatchObject({
      type: 'start',
      envId: 'Pendulum-v1',
      envSteps: 0,
      totalEnvSteps: 250,
    });
    const evaluations = trained.filter(({ type }) => type === 'evaluation');
    expect(evaluations.map(({ envSteps }) => envSteps)).toEqual([100, 200, 250]);
    expect(trained.at(-1)).toMatchObject({
      type: 'result',
      status: 'completed',
      runFolder: 'run',
      envSteps: 250,
    });

    const own = ['--metadata', 'site=hall 3', '--metadata', 'user.by=me'];
    const [exported] = await json('export', 'run', '--out', 'best.onnx', ...own);
    const [last] = await json('export', 'run', '--last', '--out', 'last.onnx');
    const best = evaluations.findLast(({ isBest }) => isBest === true);
    const user = { site: 'hall 3', by: 'me' };
    expect(exported).toMatchObject({ out: 'best.onnx', envSteps: best?.envSteps, metadata: user });
    expect(last).toMatchObject({ envId: 'Pendulum-v1', envSteps: 250 });
    const [verified] = await json('verify', 'best.onnx');
    expect(verified).toMatchObject({
      type: 'verified',
      ok: true,
      evaluation: { meanReturn: best?.meanReturn },
      golden: { count: 32 },
      user,
    });
    const shown = await runCli(['verify', 'best.onnx'], folder);
    expect(shown.stdout).toContain('"user.site": "hall 3"');

    const [ofRun] = await json('eval', 'run', '--last', '--episodes', '3', '--seed', '5', ...onServer);
    const [ofFile] = await json('eval', 'last.onnx', '--episodes', '3', '--seed', '5', ...onServer);
    expect(ofRun).toMatchObject({ type: 'evaluation', episodes: 3, lengths: [200, 200, 200] });
    expect(ofFile.meanReturn).toBeCloseTo(ofRun.meanReturn as number, 1);
    const played = await json('run', 'last.onnx', '--episodes', '2', '--seed', '5', ...onServer);
    const [firstReturn] = ofFile.returns as number[];
    expect(played).toMatchObject([
      { type: 'episode', episode: 1, length: 200 },
      { type: 'episode', episode: 2 },
    ]);
    expect(played[0]?.return).toBeCloseTo(firstReturn ?? Number.NaN, 1);

    const stopped = await server.kill('SIGTERM');
    expect(stopped.code).toBe(process.platform === 'win32' ? null : 0);
  });

  it('needs no server to be named, and tells people where everything is', async () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await runCli(
      [
        'train',
        '--env',
        'MountainCarContinuous-v0',
        '--steps',
        '20',
        '--env-arg',
        'goal_velocity=0.01',
        '--seed',
        '7',
        ...learner,
      ],
      folder,
    );
    expect([code, stderr]).toEqual([0, expect.stringContaining('wasm')]);
    const run = join('runs', 'MountainCarContinuous-v0-seed7');
    expect(stdout).toContain(`next: gymwire export ${run} --out policy.onnx`);
    expect(readMetrics(join(folder, run))).toMatchObject([{ type: 'evaluation', envSteps: 20 }]);
    const config = JSON.parse(readFileSync(runFilePath(join(folder, run), 'config'), 'utf8')) as {
      options: object;
    };
    expect(config.options).toMatchObject({ seed: 7, envArguments: { goal_velocity: 0.01 } });
  });

  it('tells its version and its commands', async () => {
    const folder = temporaryFolder();
    const [version, help] = await Promise.all([runCli(['--version'], folder), runCli(['--help'], folder)]);
    expect(version).toEqual({ code: 0, stdout: `${packageVersion}\n`, stderr: '' });
    expect(help.code).toBe(0);
    for (const command of ['serve', 'train', 'eval', 'export', 'verify', 'run', 'demo']) {
      expect(help.stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    }
  });
});

describe('exit codes', () => {
  it('2: wrong usage, an unknown environment or argument, a run that is there already', async () => {
    const folder = temporaryFolder();
    const { policy, run } = await smallPolicy(folder);
    const before = readFileSync(runFilePath(run, 'checkpoint'));
    // Stopped before its first evaluation.
    const early = join(folder, 'early');
    cpSync(run, early, { recursive: true });
    rmSync(runFilePath(early, 'bestPolicy'));
    const few = ['--steps', '100'];
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
      [['train', '--resume', run, '--seed', '9'], 'CONFIG_MISMATCH'],
      [['train', '--env', 'Pendulum-v9', ...few], 'UNKNOWN_ENV'],
      [['train', '--env', 'Pendulum-v1', '--env-arg', 'mass=2', ...few], 'UNKNOWN_ARGUMENT'],
      [['train', '--env', 'Pendulum-v1', '--env-arg', 'g=heavy', ...few], 'INVALID_ARGUMENT'],
      [['run', policy, '--server', 'localhost'], 'INVALID_ARGUMENT'],
      [['run', policy, '--env', 'MountainCarContinuous-v0', '--episodes', '1'], 'OBSERVATION_SIZE'],
    ];
    await checkFailures(
      usage.map(([args, code]) => [args, 2, code]),
      folder,
    );
    expect(readFileSync(runFilePath(run, 'checkpoint')).equals(before)).toBe(true);
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
    for (const [args, source] of commands) {
      const { code, stderr } = await runCli(args, folder);
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
      [...pendulum, '--steps', '100', ...nobody],
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

/** Waits for a checkpoint at or after a step. */
async function reached(training: NodeProgram, envSteps: number): Promise<void> {
  await training.printed(new RegExp(`"type":"checkpoint","envSteps":${envSteps},`));
}

/** Resumes for a few steps more. @returns where it went on */
async function resumeBriefly(folder: string, from: number, ...more: string[]): Promise<unknown> {
  const computing = more.includes('--learner') ? more : [...learner, ...more];
  const args = ['--json', 'train', '--resume', 'run', '--steps', String(from + 40), ...computing];
  const { code, stdout, stderr } = await runCli(args, folder);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('rror')]);
  const lines = jsonLines(stdout);
  expect(lines.at(-1)).toMatchObject({ status: 'completed', envSteps: from + 40 });
  const metrics = readMetrics(join(folder, 'run')).map((line) => JSON.stringify(line));
  expect(new Set(metrics).size).toBe(metrics.length);
  return lines.find(({ type }) => type === 'start')?.envSteps;
}

describe('a policy', () => {
  it('is played on the environment that it was trained on, arguments and time limit included', async () => {
    const folder = temporaryFolder();
    const { code, stderr } = await runCli(
      [...pendulum, '--env-arg', 'g=1', '--steps', '40', '--out', 'run'],
      folder,
    );
    expect([code, stderr]).toEqual([0, '']);
    expect((await runCli(['export', 'run', '--out', 'policy.onnx'], folder)).code).toBe(0);
    const firstReturn = async (...args: string[]) => {
      const [line] = jsonLines(
        (await runCli(['--json', ...args, '--episodes', '1', '--seed', '5'], folder)).stdout,
      );
      return (line?.return ?? line?.meanReturn) as number;
    };
    const ofRun = await firstReturn('eval', 'run');
    expect(await firstReturn('eval', 'policy.onnx')).toBeCloseTo(ofRun, 1);
    expect(await firstReturn('run', 'policy.onnx')).toBeCloseTo(ofRun, 1);
    expect(await firstReturn('run', 'policy.onnx', '--env-arg', 'g=9')).not.toBeCloseTo(ofRun, 1);

    const { policy } = await smallPolicy(folder, { envArguments: { g: 2 }, maxEpisodeSteps: 7 });
    const [played] = jsonLines((await runCli(['--json', 'run', policy, '--episodes', '1'], folder)).stdout);
    expect(played).toMatchObject({ type: 'episode', length: 7 });
    const [evaluated] = jsonLines(
      (await runCli(['--json', 'eval', policy, '--episodes', '2'], folder)).stdout,
    );
    expect(evaluated).toMatchObject({ lengths: [7, 7] });
  });

  it('needs no other file of its run', async () => {
    const folder = temporaryFolder();
    const { run } = await smallPolicy(folder);
    const checkpoint = readFileSync(runFilePath(run, 'checkpoint'));
    writeFileSync(runFilePath(run, 'checkpoint'), checkpoint.subarray(0, 100));
    expect((await runCli(['export', run, '--out', 'best.onnx'], folder)).code).toBe(0);
    expect((await runCli(['eval', run, '--episodes', '1'], folder)).code).toBe(0);
  });

  it('is missing before the first evaluation, which is said with a way out', async () => {
    const folder = temporaryFolder();
    const { run } = await smallPolicy(folder);
    rmSync(runFilePath(run, 'bestPolicy'));
    const { code, stderr } = await runCli(['eval', run], folder);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/no evaluation yet.*--last/)]);
    expect((await runCli(['eval', run, '--last', '--episodes', '1'], folder)).code).toBe(0);
  });
});

describe('a run that has all its steps', () => {
  it('is resumed in vain, which is said with what to give', async () => {
    const folder = temporaryFolder();
    const { run } = await smallPolicy(folder);
    const { code, stderr } = await runCli(['train', '--resume', run], folder);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/has all of its 400 steps; to go on, give more with --steps/),
    ]);
    const longer = await runCli(['train', '--resume', run, '--steps', '420'], folder);
    expect([longer.code, longer.stderr]).toEqual([0, expect.not.stringContaining('nothing was left')]);
    const solved = await runCli(['train', '--resume', run, '--steps', '500', '--stop-at', '-99999'], folder);
    expect([solved.code, solved.stderr]).toEqual([
      0,
      expect.stringMatching(/reached -99999; to go on, .*--stop-at/),
    ]);
  });
});

describe('a training process', () => {
  it.runIf(process.platform !== 'win32').each([
    ['tfjs', learner],
    ['the compiled learner in two threads', ['--learner', 'compiled', '--learner-threads', '2']],
  ])('stops at Ctrl-C with 130, and what it learnt is saved: %s', async (_, computing) => {
    const folder = temporaryFolder();
    const training = startCli(['--json', ...endlessRun, ...computing, '--out', 'run'], folder);
    await reached(training, 600);
    const { code, stdout, stderr } = await training.kill('SIGINT');
    expect([code, stderr]).toEqual([130, expect.stringContaining('stopping after this step')]);
    const result = jsonLines(stdout).at(-1);
    expect(result).toMatchObject({ type: 'result', status: 'interrupted', runFolder: 'run' });
    expect(await resumeBriefly(folder, result?.envSteps as number, ...computing)).toBe(result?.envSteps);
  });

  // Shells, systemd and the kernel send it one after the other, and a SIGTERM with it.
  it.runIf(process.platform !== 'win32')(
    'saves when its terminal is closed, however often it is told',
    async () => {
      const folder = temporaryFolder();
      const training = startCli(['--json', ...endlessRun, ...learner, '--out', 'run'], folder);
      await reached(training, 600);
      const signals = (['SIGHUP', 'SIGTERM', 'SIGHUP'] as const).map((signal) => training.kill(signal));
      const [{ code, stdout }] = await Promise.all(signals);
      expect(code).toBe(130);
      const result = jsonLines(stdout).at(-1);
      expect(result).toMatchObject({ type: 'result', status: 'interrupted', runFolder: 'run' });
      expect(await resumeBriefly(folder, result?.envSteps as number)).toBe(result?.envSteps);
    },
  );

  it('that is under way keeps others out, who are told so and not to resume it', async () => {
    const folder = temporaryFolder();
    const training = startCli(['--json', ...endlessRun, ...learner, '--out', 'run'], folder);
    await reached(training, 200);
    const busy: string[][] = [
      [...pendulum, '--steps', '100', '--out', 'run'],
      ['train', '--resume', 'run'],
      ['train', '--resume', 'run', '--take-over'],
    ];
    for (const args of busy) {
      const ended = await runCli(['--json', ...args], folder);
      const { code, message } = errorOf(ended);
      expect([args, ended.code, code]).toEqual([args, 2, 'RUN_BUSY']);
      expect(message).toMatch(
        /a training is under way there \(process \d+ on .*\): wait until it ends, or choose another/,
      );
    }
    expect((await training.kill('SIGTERM')).code).toBe(process.platform === 'win32' ? null : 130);
  });

  it('stops quietly when nobody reads on, and what it learnt is saved', async () => {
    const folder = temporaryFolder();
    const training = startCli(['--json', ...longRun, '--out', 'run'], folder);
    await reached(training, 600);
    training.closeOutput();
    const { code, stderr } = await training.ended();
    expect([code, stderr]).toEqual([130, expect.not.stringMatching(/\n {4}at |EPIPE/)]);
    const { envSteps } = await readRunSummary(join(folder, 'run'));
    expect(envSteps).toBeGreaterThanOrEqual(600);
    expect(await resumeBriefly(folder, envSteps)).toBe(envSteps);
  });

  // The demo trains for some seconds; what it does afterwards must heed Ctrl-C as well. That takes about a second, in
  // which a busy machine may not get round to sending the signal: a demo that has ended by then proves nothing.
  it.runIf(process.platform !== 'win32')('of the demo stops at Ctrl-C when it has trained, too', async () => {
    const folder = temporaryFolder();
    let ended: ProgramResult | undefined;
    for (let attempt = 0; attempt < 5 && ended?.code !== 130; attempt++) {
      const demo = startCli(['demo', '--out', `run-${attempt}`], folder);
      await demo.printed(/^3\. exporting/m);
      ended = await demo.kill('SIGINT');
      expect([0, 130]).toContain(ended.code);
    }
    expect(ended?.code).toBe(130);
    const [, run] = /go on with: gymwire export (\S+)/.exec(ended?.stdout ?? '') ?? [];
    expect(ended?.stdout).not.toContain('return before training');
    expect((await runCli(['export', run ?? 'nowhere', '--out', 'policy.onnx'], folder)).code).toBe(0);
  });

  it('that was killed goes on from its last checkpoint', async () => {
    const folder = temporaryFolder();
    const training = startCli(['--json', ...longRun, '--out', 'run'], folder);
    await reached(training, 600);
    expect((await training.kill('SIGKILL')).code).not.toBe(0);
    const { envSteps } = await readRunSummary(join(folder, 'run'));
    expect(envSteps).toBeGreaterThanOrEqual(600);
    expect(envSteps % 200).toBe(0);
    expect(await resumeBriefly(folder, envSteps)).toBe(envSteps);
  });

  it('says why and how to go on when its server dies, and does with another server', async () => {
    const folder = temporaryFolder();
    const { process: server, address } = await startServer(folder);
    const patience = ['--reconnect-timeout-ms', '500'];
    const training = startCli(
      ['--json', ...longRun, '--out', 'run', '--server', address, ...patience],
      folder,
    );
    await reached(training, 600);
    await server.kill('SIGKILL');
    const ended = await training.ended();
    const { code, message } = errorOf(ended);
    expect([ended.code, code]).toEqual([3, 'TRAINING_FAILED']);
    expect(message).toMatch(
      /the session at 127\.0\.0\.1:\d+: .* — saved after \d+ environment steps; to go on, resume/,
    );
    const saved = Number(/saved after (\d+)/.exec(String(message))?.[1]);
    const { address: another } = await startServer(folder);
    expect(await resumeBriefly(folder, saved, '--server', another)).toBe(saved);
  });

  it.runIf(process.platform !== 'win32')(
    'stops at Ctrl-C at once, also while it tries to reach its server again',
    async () => {
      const folder = temporaryFolder();
      const { process: server, address } = await startServer(folder);
      // Much longer than this test may take.
      const patience = ['--reconnect-timeout-ms', '3600000'];
      const args = ['--json', ...longRun, '--out', 'run', '--server', address, ...patience];
      const training = startCli(args, folder);
      await reached(training, 600);
      await server.kill('SIGKILL');
      await training.noted(/connecting again/);
      const { code, stdout } = await training.kill('SIGINT');
      const result = jsonLines(stdout).at(-1);
      expect([code, result]).toMatchObject([130, { type: 'result', status: 'interrupted' }]);
      const { address: another } = await startServer(folder);
      const envSteps = result?.envSteps as number;
      expect(await resumeBriefly(folder, envSteps, '--server', another)).toBe(envSteps);
    },
  );
});
