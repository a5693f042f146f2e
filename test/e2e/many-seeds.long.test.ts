/** A group of runs that is stopped, killed or crashes: nothing is lost that was saved, and it goes on as a whole. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRunSummary, train } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { expect, it, onTestFinished } from 'vitest';
import { jsonLines, startCli } from '../support/cli.ts';
import type { NodeProgram } from '../support/node-program.ts';
import { isAlive } from '../support/processes.ts';
import { fileHashes } from '../support/run-files.ts';
import { copyRuns, expectSameAlone, seedFlags, seedOptions } from '../support/seeds.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** However fast the machine, such runs are still under way when they are to be stopped; the first checkpoint is the only one. */
const endless = { totalEnvSteps: 1_000_000, evaluationInterval: 1_000_000, checkpointInterval: 1_000_000 };

async function serve(): Promise<string> {
  const server = await startEnvServer({ port: 0, envs: builtinEnvs });
  onTestFinished(() => server.shutdown());
  return server.address;
}

/** Three seeds, two at a time, of which the first two have begun to learn. */
async function startGroup(server: string, cwd: string): Promise<NodeProgram> {
  const where = ['--server', server, '--out', 'group', '--seeds', '0-2', '--parallel', '2'];
  const cli = startCli(['--json', 'train', ...seedFlags(endless), ...where], cwd);
  await cli.printed(/"type":"training","seed":0,.*"envSteps":(?:[2-9]\d\d|\d{4,})/);
  await cli.printed(/"type":"training","seed":1,.*"envSteps":(?:[2-9]\d\d|\d{4,})/);
  return cli;
}

/** The processes of a group's runs, by the locks that they hold. */
function processesOf(group: string): number[] {
  return ['seed0', 'seed1'].map((name) => {
    const lock = JSON.parse(readFileSync(join(group, name, '.gymwire-lock'), 'utf8')) as { pid: number };
    return lock.pid;
  });
}

async function stepsOf(group: string): Promise<number[]> {
  const summaries = ['seed0', 'seed1'].map((name) => readRunSummary(join(group, name)));
  return (await Promise.all(summaries)).map(({ envSteps }) => envSteps);
}

/** Goes on until each run has a few steps more, and compares with what the runs do alone. */
async function expectResumedAsAlone(group: string, server: string, cwd: string): Promise<void> {
  const copies = copyRuns(group, [0, 1], join(cwd, 'copies'));
  const totalEnvSteps = Math.max(...(await stepsOf(group))) + 150;
  const more = ['--steps', String(totalEnvSteps), '--parallel', '2'];
  const resumed = startCli(['--json', 'train', '--resume', group, '--server', server, ...more], cwd);
  const { code, stdout } = await resumed.ended();
  const closing = jsonLines(stdout).at(-1);
  expect(closing).toMatchObject({ type: 'seeds', status: 'completed', last: { runs: 3 } });
  expect(code).toBe(0);
  await expectSameAlone(group, server, copies, { totalEnvSteps });
  const alone = join(cwd, 'alone');
  const options = { ...seedOptions, ...endless, totalEnvSteps, seed: 2 };
  await train({ server, runFolder: alone, options });
  expect(fileHashes(join(group, 'seed2'))).toEqual(fileHashes(alone));
}

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s saves every run, and a resume goes on with all',
  async (signal) => {
    const [cwd, server] = [temporaryFolder(), await serve()];
    const cli = await startGroup(server, cwd);
    const { code, stdout, stderr } = await cli.kill(signal);
    expect(code).toBe(130);
    expect(stderr).toMatch(/^stopping every run after its step/m);
    const statuses = { runs: ['interrupted', 'interrupted', 'waiting'].map((status) => ({ status })) };
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      type: 'seeds',
      status: 'interrupted',
      last: null,
      ...statuses,
    });
    const group = join(cwd, 'group');
    expect(Math.min(...(await stepsOf(group)))).toBeGreaterThanOrEqual(200);
    if (signal === 'SIGINT') await expectResumedAsAlone(group, server, cwd);
  },
);

it('a group that is killed takes its runs with it; they are saved, and go on', async () => {
  const [cwd, server] = [temporaryFolder(), await serve()];
  const group = join(cwd, 'group');
  const cli = await startGroup(server, cwd);
  const pids = processesOf(group);
  await cli.kill('SIGKILL');
  await expect.poll(() => pids.map(isAlive), { timeout: 60_000 }).toEqual([false, false]);
  expect(Math.min(...(await stepsOf(group)))).toBeGreaterThanOrEqual(200);
  await expectResumedAsAlone(group, server, cwd);
});

it('a group that is killed may be resumed at once: it waits until its runs have saved themselves', async () => {
  const [cwd, server] = [temporaryFolder(), await serve()];
  const cli = await startGroup(server, cwd);
  await cli.kill('SIGKILL');
  const more = ['--steps', '1000000', '--parallel', '2'];
  const resumed = startCli(['--json', 'train', '--resume', 'group', '--server', server, ...more], cwd);
  await resumed.printed(/"type":"start","seed":0,.*"envSteps":[1-9]/);
  const { stdout } = await resumed.kill('SIGINT');
  expect(stdout).not.toContain('RUN_BUSY');
});

it('a second Ctrl-C ends the group and its runs where they are', async () => {
  const [cwd, server] = [temporaryFolder(), await serve()];
  const cli = await startGroup(server, cwd);
  const pids = processesOf(join(cwd, 'group'));
  // Runs that do not hear: stopped processes are like those that hang in a simulator.
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  onTestFinished(() => pids.filter(isAlive).forEach((pid) => process.kill(pid, 'SIGKILL')));
  const first = cli.noted(/stopping every run/);
  void cli.kill('SIGINT');
  await first;
  const { code } = await cli.kill('SIGINT');
  expect(code).toBe(130);
  await expect.poll(() => pids.map(isAlive), { timeout: 60_000 }).toEqual([false, false]);
});

it('a run whose process crashes ends no other, and goes on from its checkpoint', async () => {
  const [cwd, server] = [temporaryFolder(), await serve()];
  const group = join(cwd, 'group');
  const cli = await startGroup(server, cwd);
  const [first = 0] = processesOf(group);
  process.kill(first, 'SIGSEGV');
  await cli.printed(/"type":"result","seed":0,.*"code":"RUN_CRASHED"/);
  // Its place is taken by the one that waited.
  await cli.printed(/"type":"training","seed":2/);
  const { code, stdout } = await cli.kill('SIGINT');
  expect(code).toBe(130);
  const runs = [
    { status: 'failed', envSteps: 0, failure: { message: expect.stringMatching(/SIGSEGV/) as string } },
    { status: 'interrupted' },
    { status: 'interrupted' },
  ];
  expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'seeds', runs });
  expect(readdirSync(group).toSorted()).toEqual(['group.json', 'seed0', 'seed1', 'seed2']);
});
