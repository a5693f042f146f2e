/** Scripts, container files and the unit of deploy/, by the programs that judge such files; and their commands, run. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ROOT, run } from '../../scripts/tools.mjs';
import { startCli } from '../support/cli.ts';
import { type NodeProgram, startProgram } from '../support/node-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  DEPLOY,
  deployed,
  installJudges,
  type Judges,
  must,
  readDeployed,
  withGymwire,
} from './harness/deployment.ts';

let judges: Judges;

beforeAll(async () => {
  judges = await installJudges();
});

/** A copy of a file with a change in it. @returns its path */
function changed(path: string, from: string, to: string): string {
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  const copy = join(temporaryFolder(), basename(path));
  writeFileSync(copy, text.replace(from, to));
  return copy;
}

describe('shellcheck', () => {
  const check = (...paths: readonly string[]) =>
    run(judges.shellcheck, ['--external-sources', '--enable=require-double-brackets', ...paths], {
      capture: true,
    });
  const scripts = deployed('.sh', '.sbatch');

  it('finds nothing in the scripts', async () => {
    expect(scripts.length).toBeGreaterThan(5);
    expect(await check(...scripts)).toMatchObject({ code: 0, stdout: '' });
  });

  it('turns red at a folder whose name may hold spaces', async () => {
    const script = changed(join(DEPLOY, 'slurm', 'serve.sh'), '"$job/token"', '$job/token');
    expect(await check(script)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('SC2086') as string,
    });
  });
});

describe('hadolint', () => {
  const lint = (...paths: readonly string[]) =>
    run(judges.hadolint, ['--no-color', ...paths], { capture: true });
  const files = deployed('.Dockerfile');
  const [bridge = '', gymwire = ''] = files;

  it('finds nothing in the container files', async () => {
    expect(files.map((path) => basename(path))).toEqual(['bridge.Dockerfile', 'gymwire.Dockerfile']);
    expect(await lint(...files)).toMatchObject({ code: 0, stdout: '' });
  });

  it.each([
    [gymwire, 'USER 1000:1000', 'USER root', /DL3002/],
    [bridge, 'python:3.11.14-slim-bookworm\n', 'python:latest\n', /DL3007/],
    [bridge, 'CMD ["serve", ', 'CMD serve [', /DL3025/],
  ])('turns red: in %s, %s becomes %s', async (path, from, to, message) => {
    const { code, stdout } = await lint(changed(path, from, to));
    expect([code, stdout]).toEqual([1, expect.stringMatching(message)]);
  });
});

describe('the images', () => {
  it('hold the Python packages that the tests run with', () => {
    const pins = (path: string) =>
      readFileSync(join(ROOT, path), 'utf8')
        .split('\n')
        .filter((line) => /^\w/.test(line));
    const tested = pins('test/oracles/requirements.txt');
    expect(tested).toEqual(expect.arrayContaining(pins('deploy/containers/bridge-requirements.txt')));
  });

  it('of the server lack nothing that a server loads', async () => {
    const [, list = ''] =
      /^FROM build AS server-files\n(?:#.*\n)*RUN rm -rf (.*)$/m.exec(
        readDeployed('containers/gymwire.Dockerfile'),
      ) ?? [];
    const gone = list.split(' ').map((path) => path.replace('node_modules/', '').replace(/\*$/, ''));
    expect(gone).toContain('@tensorflow');
    const hooks = `export async function resolve(specifier, context, next) {
      const found = await next(specifier, context);
      if (${JSON.stringify(gone)}.some((name) => found.url.includes('/node_modules/' + name))) throw new Error('not in the image: ' + found.url);
      return found;
    }`;
    const preload = join(temporaryFolder(), 'without.mjs');
    writeFileSync(
      preload,
      `import { register } from 'node:module'; register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));`,
    );
    const start = (...args: readonly string[]) => {
      const program = join(ROOT, 'packages', 'cli', 'bin', 'gymwire.js');
      const started = startProgram(
        process.execPath,
        ['--import', preload, program, ...args],
        temporaryFolder(),
      );
      onTestFinished(() => started.stop());
      return started;
    };
    const address = await addressOf(start('--json', 'serve', '--port', '0'));
    await start('envs', '--server', address).printed(/HalfCheetah-v5/);
    // The same hooks see what a trainer loads.
    const { stderr } = await start('train', '--env', 'Pendulum-v1', '--server', address).ended();
    expect(stderr).toContain('not in the image');
  });
});

describe('the systemd unit', () => {
  const unit = join(DEPLOY, 'systemd', 'gymwire-serve.service');
  const command = '/opt/gymwire/node_modules/.bin/gymwire';
  const verify = (path: string) => run('systemd-analyze', ['verify', path], { capture: true });
  const judge = (path: string) =>
    run('systemd-analyze', ['security', '--offline=true', '--threshold=20', path], { capture: true });
  /** The unit, where its command is. */
  const placed = () => changed(unit, command, join(ROOT, 'node_modules', '.bin', 'gymwire'));

  it('is taken by systemd without a word', async () => {
    expect(await verify(placed())).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['ProtectSystem=strict', 'ProtectSystem=strikt', /strikt/],
    ['RuntimeDirectory=', 'RuntimeFolder=', /RuntimeFolder/],
  ])('turns red: %s becomes %s', async (from, to, message) => {
    expect((await verify(changed(placed(), from, to))).stderr).toMatch(message);
  });

  it('is exposed to little, and turns red where it may do what root may', async () => {
    expect(await judge(placed())).toMatchObject({ code: 0 });
    expect(await judge(changed(placed(), 'CapabilityBoundingSet=\n', ''))).toMatchObject({ code: 1 });
  });

  it('starts a server that has its secrets', async () => {
    const folder = temporaryFolder();
    await must('bash', [join(DEPLOY, 'kubernetes', 'make-secrets.sh'), folder]);
    const [, line = ''] = /^ExecStart=\S+ ((?:.*\\\n)*.*)$/m.exec(readFileSync(unit, 'utf8')) ?? [];
    const args = line
      .replaceAll('\\\n', '')
      .replaceAll('${CREDENTIALS_DIRECTORY}/server.pem', join(folder, 'tls.crt'))
      .replaceAll('${CREDENTIALS_DIRECTORY}/server-key.pem', join(folder, 'tls.key'))
      .replaceAll('${CREDENTIALS_DIRECTORY}', folder)
      .replace('--host 0.0.0.0', '--host 127.0.0.1')
      .replace('--port 50051', '--port 0')
      .replace('$GYMWIRE_FLAGS', '')
      .split(' ')
      .filter((word) => word !== '');
    const server = startCli(['--json', ...args], folder);
    const address = await addressOf(server);
    const flags = [
      '--server',
      address,
      '--token-file',
      join(folder, 'token'),
      '--ca',
      join(folder, 'ca.crt'),
    ];
    const envs = await startCli(['envs', ...flags], folder).ended();
    expect(envs).toMatchObject({ code: 0, stdout: expect.stringContaining('HalfCheetah-v5') as string });
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0 });
  });
});

async function addressOf(server: NodeProgram): Promise<string> {
  const [line] = await server.printed(/^.*"type":"listening".*$/m);
  return (JSON.parse(line) as { address: string }).address;
}

describe('a training in a job of Slurm', () => {
  /** A batch script around a training, on a machine where `scontrol` only says what it was asked for. */
  function startJob(folder: string, steps: number): NodeProgram {
    writeFileSync(join(folder, 'scontrol'), `#!/bin/sh\necho "scontrol $*" >> '${folder}/asked'\n`, {
      mode: 0o755,
    });
    const script = `source '${DEPLOY}/slurm/trainer.sh'
      run_trainer '${DEPLOY}/train-or-resume.sh' '${folder}/run' --env Pendulum-v1 --steps ${steps} --eval-every ${steps}`;
    const job = startProgram('bash', ['-c', script], folder, {
      PATH: `${folder}:${withGymwire.PATH}`,
      SLURM_JOB_ID: '77',
    });
    onTestFinished(() => job.kill('SIGTERM').then(() => undefined));
    return job;
  }
  const trainerOf = (folder: string) =>
    (JSON.parse(readFileSync(join(folder, 'run', '.gymwire-lock'), 'utf8')) as { pid: number }).pid;
  const asked = (folder: string) =>
    existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8') : '';

  it('saves when the time is nearly up, however often it is told, is queued again and goes on', async () => {
    const folder = temporaryFolder();
    const first = startJob(folder, 60_000);
    await first.printed(/step 1000:/);
    void first.kill('SIGUSR1');
    const { code } = await first.kill('SIGUSR1');
    expect([code, asked(folder)]).toEqual([130, 'scontrol requeue 77\n']);
    const second = startJob(folder, 60_000);
    await second.printed(/resumed at \d+ of 60000 steps/);
    await second.kill('SIGUSR1');
  });

  it('saves when Slurm ends the job, which tells it and the script at once, and leaves the queue to Slurm', async () => {
    const folder = temporaryFolder();
    const job = startJob(folder, 60_000);
    await job.printed(/step 1000:/);
    process.kill(trainerOf(folder), 'SIGTERM');
    const { code, stdout } = await job.kill('SIGTERM');
    expect([code, asked(folder)]).toEqual([130, '']);
    expect(stdout).toContain('interrupted; go on with');
    await startJob(folder, 60_000).printed(/resumed at \d+ of 60000 steps/);
  });

  it('ends with the exit code of a training that fails, and does not try again', async () => {
    const folder = temporaryFolder();
    const job = startJob(folder, 0);
    expect(await job.ended()).toMatchObject({ code: 2 });
    expect(asked(folder)).toBe('');
  });
});
