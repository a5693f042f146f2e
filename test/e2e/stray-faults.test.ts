/** `gymwire serve --isolate none`: what environments do outside of every call happens to the server's own thread. */
import { join } from 'node:path';
import { connect } from '@gymwire/agent-sdk';
import { expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { jsonLines, startCli } from '../support/cli.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const module = join(ROOT, 'test', 'support', 'misbehaving-envs.mjs');

async function serve() {
  const server = startCli(['--json', 'serve', '--port', '0', '--module', module, '--isolate', 'none'], ROOT);
  const [line] = await server.printed(/^.*"type":"listening".*$/m);
  const { address } = JSON.parse(line) as { address: string };
  const play = async (id: string) => {
    const proxy = await startTcpProxy(address);
    const connection = await connect(proxy.address, { reconnectTimeoutMs: 0 });
    onTestFinished(() => connection.close());
    const env = await connection.make(id);
    await env.reset();
    await env.step([0]);
    return { env, leave: () => proxy.cut() };
  };
  return { server, play };
}

it('a floating rejection, and a detach that fails, are told with what to do, and the server goes on', async () => {
  const { server, play } = await serve();
  const neighbour = await play('Pendulum-v1');
  await play('lateReject-v0');
  await server.noted(
    /"code":"ENV_FAILED".*a promise was rejected where nobody listens: floating.*--isolate process/,
  );
  for (const id of ['detachThrow-v0', 'detachReject-v0']) (await play(id)).leave();
  await server.noted(/"env":"detachThrow-v0".*detach: the simulator failed: detach \(\S+:\d+/);
  await server.noted(/"env":"detachReject-v0".*detach: the simulator failed: detach async \(\S+:\d+/);
  await neighbour.env.step([0]);
  const { code } = await server.kill('SIGTERM');
  expect(code).toBe(0);
});

it('an exception in a timer ends the server with a code, what it means, and its sessions told', async () => {
  const { server, play } = await serve();
  const neighbour = await play('Pendulum-v1');
  await play('lateThrow-v0');
  const { code, stdout, stderr } = await server.ended();
  await expect(neighbour.env.step([0])).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  expect(code).toBe(1);
  const message = expect.stringMatching(
    /outside of every call ends the server: late\..*--isolate process/,
  ) as string;
  expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'error', code: 'ENV_FAILED', message });
  expect(stderr).toMatch(/"level":60.*"code":"ENV_FAILED".*"stack":"Error: late/);
});
