/** A training as a process: it is told to stop, killed, left alone by its server, and goes on from what it saved. */
import { join } from 'node:path';
import { readRunSummary } from '@gymwire/agent-sdk';
import { describe, expect, it } from 'vitest';
import { errorOf, jsonLines, runCli, runCommands, startCli, startServer } from '../support/cli.ts';
import type { NodeProgram } from '../support/node-program.ts';
import { readMetrics } from '../support/run-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const pendulum = ['train', '--env', 'Pendulum-v1'];
/** However fast the machine, such a run is still under way when it is to be stopped; small networks learn from step 100 on. */
const often = '--steps 1000000 --eval-every 1000000 --eval-episodes 1 --checkpoint-every 100';
const light = '--learning-starts 100 --hidden 32,32 --batch-size 32 --buffer-size 10000';
const endlessRun = [...pendulum, ...`${often} ${light}`.split(' ')];

/** Waits for a checkpoint at or after a step. */
async function reached(training: NodeProgram, envSteps: number): Promise<void> {
  await training.printed(new RegExp(`"type":"checkpoint","envSteps":${envSteps},`));
}

/** Resumes for a few steps more. @returns where it went on */
async function resumeBriefly(folder: string, from: number, ...more: string[]): Promise<unknown> {
  const args = ['--json', 'train', '--resume', 'run', '--steps', String(from + 40), ...more];
  const { code, stdout, stderr } = await runCli(args, folder);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('rror')]);
  const lines = jsonLines(stdout);
  expect(lines.at(-1)).toMatchObject({ status: 'completed', envSteps: from + 40 });
  const metrics = readMetrics(join(folder, 'run')).map((line) => JSON.stringify(line));
  expect(new Set(metrics).size).toBe(metrics.length);
  return lines.find(({ type }) => type === 'start')?.envSteps;
}

describe('a training process', () => {
  it.runIf(process.platform !== 'win32').each([
    ['tfjs', ['--learner', 'tfjs-wasm']],
    ['the compiled learner in two threads', ['--learner', 'compiled', '--learner-threads', '2']],
  ])('stops at Ctrl-C with 130, and what it learnt is saved: %s', async (_, computing) => {
    const folder = temporaryFolder();
    const training = startCli(['--json', ...endlessRun, ...computing, '--out', 'run'], folder);
    await reached(training, 200);
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
      const training = startCli(['--json', ...endlessRun, '--out', 'run'], folder);
      await reached(training, 200);
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
    const training = startCli(['--json', ...endlessRun, '--out', 'run'], folder);
    await reached(training, 200);
    const busy: string[][] = [
      [...pendulum, '--steps', '100', '--out', 'run'],
      ['train', '--resume', 'run'],
      ['train', '--resume', 'run', '--take-over'],
    ];
    const tried = await runCommands(
      busy.map((args) => ['--json', ...args]),
      folder,
    );
    for (const [i, ended] of tried.entries()) {
      const { code, message } = errorOf(ended);
      expect([busy[i], ended.code, code]).toEqual([busy[i], 2, 'RUN_BUSY']);
      expect(message).toMatch(
        /a training is under way there \(process \d+ on .*\): wait until it ends, or choose another/,
      );
    }
    expect((await training.kill('SIGTERM')).code).toBe(process.platform === 'win32' ? null : 130);
  });

  it('stops quietly when nobody reads on, and what it learnt is saved', async () => {
    const folder = temporaryFolder();
    const training = startCli(['--json', ...endlessRun, '--out', 'run'], folder);
    await reached(training, 200);
    training.closeOutput();
    const { code, stderr } = await training.ended();
    expect([code, stderr]).toEqual([130, expect.not.stringMatching(/\n {4}at |EPIPE/)]);
    const { envSteps } = await readRunSummary(join(folder, 'run'));
    expect(envSteps).toBeGreaterThanOrEqual(200);
    expect(await resumeBriefly(folder, envSteps)).toBe(envSteps);
  });

  it('that was killed goes on from its last checkpoint', async () => {
    const folder = temporaryFolder();
    const training = startCli(['--json', ...endlessRun, '--out', 'run'], folder);
    await reached(training, 200);
    expect((await training.kill('SIGKILL')).code).not.toBe(0);
    const { envSteps } = await readRunSummary(join(folder, 'run'));
    expect(envSteps).toBeGreaterThanOrEqual(200);
    expect(envSteps % 100).toBe(0);
    expect(await resumeBriefly(folder, envSteps)).toBe(envSteps);
  });

  it('says why and how to go on when its server dies, and does with another server', async () => {
    const folder = temporaryFolder();
    const { process: server, address } = await startServer(folder);
    const patience = ['--reconnect-timeout-ms', '500'];
    const training = startCli(
      ['--json', ...endlessRun, '--out', 'run', '--server', address, ...patience],
      folder,
    );
    await reached(training, 200);
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
      const args = ['--json', ...endlessRun, '--out', 'run', '--server', address, ...patience];
      const training = startCli(args, folder);
      await reached(training, 200);
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
