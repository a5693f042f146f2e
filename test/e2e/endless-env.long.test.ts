/** An environment that never ends: nobody waits for it without a word, nor for ever. */
import { join } from 'node:path';
import { startEnvServer } from '@gymwire/env-server';
import { createPendulum } from '@gymwire/simulators';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jsonLines, runCli, startCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Pendulum without its time limit. @returns how to reach it */
async function serveEndless(): Promise<string[]> {
  const endless = { id: 'Endless-v0', make: () => createPendulum({ g: 10 }) };
  const server = await startEnvServer({ port: 0, envs: [endless] });
  onTestFinished(() => server.shutdown());
  return ['--server', server.address];
}

const short = ['--steps', '300', '--eval-every', '150', '--eval-episodes', '2', '--hidden', '8'];

describe('train on an environment that never ends', () => {
  it('ends its first evaluation with an error that says what to do, and is seen to go on until then', async () => {
    const folder = temporaryFolder();
    const args = ['train', '--env', 'Endless-v0', ...short, '--out', 'run', ...(await serveEndless())];
    const { code, stdout, stderr } = await runCli(args, folder);
    expect(stdout).toMatch(
      /^Endless-v0: .*no time limit \(.*: --max-episode-steps, maxEpisodeSteps in code\);/m,
    );
    expect(stdout).toMatch(
      /^step 150: evaluating: 0 of 2 episodes ended, 1000 steps, no time limit \(.*--max-episode-steps/m,
    );
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /EPISODE_ENDLESS: Endless-v0: .*has not ended after 100000 steps.*--max-episode-steps.*saved after 150/,
      ),
    ]);
  });

  it('learns under --max-episode-steps, and so do the commands that play', async () => {
    const folder = temporaryFolder();
    const onServer = await serveEndless();
    const limit = ['--max-episode-steps', '40'];
    const args = ['train', '--env', 'Endless-v0', ...short, ...limit, '--out', 'run', ...onServer];
    expect((await runCli(args, folder)).code).toBe(0);
    expect((await runCli(['export', 'run', '--out', 'policy.onnx'], folder)).code).toBe(0);
    const lengths = async (...command: string[]) => {
      const { stdout } = await runCli(['--json', ...command, '--episodes', '2', ...onServer], folder);
      return jsonLines(stdout).flatMap((line) => (line.lengths ?? line.length) as number[] | number);
    };
    expect(await lengths('eval', 'run')).toEqual([40, 40]);
    expect(await lengths('eval', 'policy.onnx', '--max-episode-steps', '25')).toEqual([25, 25]);
    expect(await lengths('run', 'policy.onnx')).toEqual([40, 40]);
    expect(await lengths('run', 'policy.onnx', '--max-episode-steps', '25')).toEqual([25, 25]);

    const robot = startCli(
      ['run', join(folder, 'policy.onnx'), '--max-episode-steps', '0', ...onServer],
      folder,
    );
    await robot.printed(/^episode 1: 2000 steps so far, return -/m);
    expect((await robot.kill('SIGINT')).code).toBe(process.platform === 'win32' ? null : 130);
  });
});
