/** The command line on what a training left: its policy, exported or not, and its run. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { runFilePath } from '@gymwire/agent-sdk/parts';
import { describe, expect, it } from 'vitest';
import { jsonLines, runCommands } from '../support/cli.ts';
import { smallPolicy } from '../support/small-policy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('a policy', () => {
  it('is played on the environment that it was trained on, arguments and time limit included', async () => {
    const folder = temporaryFolder();
    const small = await smallPolicy(folder, { envArguments: { g: 2 }, maxEpisodeSteps: 7 });
    const once = ['--episodes', '1', '--seed', '5'];
    const commands = [
      ['train', '--env', 'Pendulum-v1', '--env-arg', 'g=1', '--steps', '40', '--out', 'run'],
      ['export', 'run', '--out', 'exported.onnx'],
      ['eval', 'run', ...once],
      ['eval', 'exported.onnx', ...once],
      ['run', 'exported.onnx', ...once],
      ['run', 'exported.onnx', '--env-arg', 'g=9', ...once],
      ['run', small.policy, '--episodes', '1'],
      ['eval', small.policy, '--episodes', '2'],
    ];
    const results = await runCommands(
      commands.map((args) => ['--json', ...args]),
      folder,
    );
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(commands.map(() => [0, '']));
    // What tells of one's way comes before the result.
    const [, , ofRun, ofFile, ofPlay, elsewhere, played, evaluated] = results.map(
      ({ stdout }) => jsonLines(stdout).slice(-1)[0],
    );
    const meanReturn = ofRun.meanReturn as number;
    expect(ofFile.meanReturn).toBeCloseTo(meanReturn, 1);
    expect(ofPlay.return).toBeCloseTo(meanReturn, 1);
    expect(elsewhere.return).not.toBeCloseTo(meanReturn, 1);
    expect(played).toMatchObject({ type: 'episode', length: 7 });
    expect(evaluated).toMatchObject({ lengths: [7, 7] });
  });

  it('needs no other file of its run', async () => {
    const folder = temporaryFolder();
    const { run } = await smallPolicy(folder);
    const checkpoint = readFileSync(runFilePath(run, 'checkpoint'));
    writeFileSync(runFilePath(run, 'checkpoint'), checkpoint.subarray(0, 100));
    const commands = [
      ['export', run, '--out', 'best.onnx'],
      ['eval', run, '--episodes', '1'],
    ];
    expect((await runCommands(commands, folder)).map(({ code }) => code)).toEqual([0, 0]);
  });

  it('is missing before the first evaluation, which is said with a way out', async () => {
    const folder = temporaryFolder();
    const { run } = await smallPolicy(folder);
    rmSync(runFilePath(run, 'bestPolicy'));
    const commands = [
      ['eval', run],
      ['eval', run, '--last', '--episodes', '1'],
    ];
    const [missing, last] = await runCommands(commands, folder);
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringMatching(/no evaluation yet.*--last/)]);
    expect(last.code).toBe(0);
  });
});

describe('a run that has all its steps', () => {
  it('is resumed in vain, which is said with what to give', async () => {
    const folder = temporaryFolder();
    const { run } = await smallPolicy(folder);
    const again = ['train', '--resume', run];
    const commands = [
      again,
      [...again, '--steps', '420'],
      [...again, '--steps', '500', '--stop-at', '-99999'],
    ];
    const results = await runCommands(commands, folder);
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, expect.stringMatching(/has all of its 400 steps; to go on, give more with --steps/)],
      [0, expect.not.stringContaining('nothing was left')],
      [0, expect.stringMatching(/reached -99999; to go on, .*--stop-at/)],
    ]);
  });
});
