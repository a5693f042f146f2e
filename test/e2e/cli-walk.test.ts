/** The command line as users and scripts see it: processes, exit codes, one JSON object a line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFilePath } from '@gymwire/agent-sdk/parts';
import { packageVersion } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { jsonLines, runCli, startServer } from '../support/cli.ts';
import { readMetrics } from '../support/run-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

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
      'train',
      '--env',
      'Pendulum-v1',
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
        '--learner',
        'tfjs-wasm',
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
