/** `gymwire serve --module`: environments in JavaScript of the operator's own, as clients meet them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type EnvClient } from '@gymwire/agent-sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { jsonLines, runCli, startCli } from '../support/cli.ts';
import { isAlive } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const cart = join(ROOT, 'examples', 'dist', 'own-env', 'cart.js');
const tellTale = join(ROOT, 'test', 'support', 'process-envs.mjs');

async function serve(...args: readonly string[]) {
  const server = startCli(['--json', 'serve', '--port', '0', ...args], ROOT);
  const [line] = await server.printed(/^.*"type":"listening".*$/m);
  const { address, envs } = JSON.parse(line) as { address: string; envs: readonly string[] };
  const connection = await connect(address, { reconnectTimeoutMs: 0 });
  onTestFinished(() => connection.close());
  return { server, connection, envs };
}

async function play(env: EnvClient) {
  const { observation } = await env.reset({ seed: 2n ** 40n });
  const episode: unknown[] = [observation];
  for (let i = 0; i < 60; i++) episode.push(await env.step([1.5 * Math.sin(i)]));
  await env.close();
  return episode;
}

describe('serve --module', () => {
  it('offers what it exports beside the built-in environments, the same however it is isolated', async () => {
    const episodes = await Promise.all(
      [[], ['--isolate', 'worker'], ['--isolate', 'none']].map(async (isolation) => {
        const { connection, envs } = await serve('--module', cart, '--module', tellTale, ...isolation);
        expect(envs).toEqual(expect.arrayContaining(['Pendulum-v1', 'Cart-v0', 'TellTale-v0']));
        const [spec] = (await connection.listEnvs()).filter(({ id }) => id === 'Cart-v0');
        expect(spec).toMatchObject({ maxEpisodeSteps: 100, arguments: [{ name: 'friction', maximum: 10 }] });
        return play(await connection.make('Cart-v0', { arguments: { friction: 0.25 } }));
      }),
    );
    expect(episodes[1]).toStrictEqual(episodes[0]);
    expect(episodes[2]).toStrictEqual(episodes[0]);
  });

  it('gives each session a process, which ends with the server; what simulators print is in the log', async () => {
    const { server, connection } = await serve('--module', `${tellTale}#processEnvs`);
    const envs = await Promise.all([0, 1].map(() => connection.make('TellTale-v0')));
    const pids = await Promise.all(
      envs.map(async (env) => {
        await env.reset();
        return Number((await env.step([0])).info.pid);
      }),
    );
    expect(new Set(pids).size).toBe(2);
    await expect(envs[0].step([4])).rejects.toThrow(/the gearbox is on fire/);
    await server.noted(/"stream":"stdout".*a line of the simulator/);
    const { code, stdout } = await server.kill('SIGTERM');
    expect(code).toBe(0);
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect(jsonLines(stdout).map(({ type }) => type)).toEqual(['listening']);
  });

  it('has limits for calls, and names the flag when one is missed', async () => {
    const { connection } = await serve('--module', tellTale, '--step-timeout-ms', '400');
    const env = await connection.make('TellTale-v0');
    await env.reset();
    // The first one may take longer.
    await env.step([0]);
    await expect(env.step([2])).rejects.toMatchObject({
      code: 'ENV_FAILED',
      message: expect.stringMatching(/did not answer within 400 ms .*--step-timeout-ms/) as string,
    });
    await (await connection.make('TellTale-v0')).close();
  });

  const registration = "{ id: 'Own-v0', make: () => ({}) }";
  it.each([
    ['a file that is not there', 'nowhere.mjs', '', [], /nowhere\.mjs: there is no such file/],
    ['a module that fails', 'own.mjs', "throw new Error('not today')", [], /cannot be imported: not today/],
    ['a module that ends its process', 'own.mjs', 'process.exit(7)', [], /process died \(exit code 7\)/],
    ['no registration', 'own.mjs', 'export const x = 1', [], /expected an export .*; it exports: x\n/],
    [
      'half an array',
      'own.mjs',
      `export const all = [${registration}, 7]`,
      [],
      /item 1 of the export all is no registration/,
    ],
    [
      'two registrations with one id',
      'own.mjs',
      `export const a = ${registration}; export const b = ${registration};`,
      [],
      /Own-v0 is exported twice, by a and by b/,
    ],
    [
      'an export that there is not',
      'own.mjs#b',
      `export const a = ${registration}`,
      [],
      /the export b is no registration/,
    ],
    [
      'an id that is taken',
      'own.mjs',
      `export const a = { ...${registration}, id: 'Pendulum-v1' }`,
      [],
      /env id Pendulum-v1 is registered already/,
    ],
    ['no module to isolate', '', '', ['--isolate', 'process'], /are about environments of a --module/],
    [
      'a limit of memory that nobody keeps',
      'own.mjs',
      `export const a = ${registration}`,
      ['--isolate', 'none', '--max-memory-mb', '100'],
      /--max-memory-mb needs --isolate worker or process/,
    ],
  ] as const)('refuses %s before it listens', async (_, file, text, flags, message) => {
    const folder = temporaryFolder();
    if (text !== '') writeFileSync(join(folder, 'own.mjs'), text);
    const module = file === '' ? [] : ['--module', file];
    const { code, stdout, stderr } = await runCli(['serve', '--port', '0', ...module, ...flags], folder);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('says what it takes where Node runs no TypeScript, and serves it where Node does', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'own.ts'), `export const own: object = ${registration};`);
    const server = startCli(['serve', '--port', '0', '--module', 'own.ts'], folder);
    const isServed = server.printed(/Own-v0/).then(
      () => true,
      () => false,
    );
    const stripsTypes = Reflect.get(process.features, 'typescript') === 'strip';
    expect(await isServed).toBe(stripsTypes);
    const { stderr } = await server.kill('SIGTERM');
    expect(stderr).toMatch(stripsTypes ? /shutting down/ : /runs no TypeScript by itself: compile it/);
  });
});
