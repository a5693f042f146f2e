/** The end of a server that has sessions: they are given time, told, and not waited for twice. */
import { connect } from '@gymwire/agent-sdk';
import { float32 } from '@gymwire/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCli, startServer } from '../support/cli.ts';
import { healthOf, notServing, serving, watchHealth } from '../support/health.ts';
import { serveCounting } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const counting = { terminateAfter: 999 };
const action = float32([0, 0]);

describe('a server that is drained', () => {
  it('says NOT_SERVING at once and takes no session, while those that are open go on', async () => {
    const { server, connection } = await serveCounting(counting, { drainTimeoutMs: 60_000 });
    const env = await connection.make('Counting-v0');
    await env.reset({ seed: 1 });
    let isOver = false;
    const drained = server.drain().then(() => (isOver = true));
    expect(await healthOf(server.address)).toBe(notServing);
    await expect(connection.make('Counting-v0')).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    for (let i = 0; i < 5; i++) await env.step(action);
    expect(isOver).toBe(false);
    // Nothing is left to wait for.
    await env.close();
    await drained;
    expect(server.sessionCount).toBe(0);
  });

  it('tells NOT_SERVING to who watches it, and waits for none of them, on any Node', async () => {
    const { server } = await serveCounting(counting, { drainTimeoutMs: 60_000 });
    const { first, all } = watchHealth(server.address);
    await first;
    await server.drain();
    const reason = 'SHUTTING_DOWN: the server is shutting down';
    expect(await all).toEqual([serving, notServing, reason]);
  });

  it('ends sessions that take longer than they may, and says why', async () => {
    const { server } = await serveCounting(counting, { drainTimeoutMs: 50 });
    const connection = await connect(server.address, { reconnectTimeoutMs: 0 });
    onTestFinished(() => connection.close());
    const env = await connection.make('Counting-v0');
    await env.reset({ seed: 1 });
    await server.drain();
    await expect(env.step(action)).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
      message: 'the server is shutting down',
    });
  });

  it('waits no longer when it is shut down', async () => {
    const { server, connection } = await serveCounting(counting, { drainTimeoutMs: 60_000 });
    const env = await connection.make('Counting-v0');
    const drained = server.drain();
    await env.reset({ seed: 1 });
    await server.shutdown();
    await Promise.race([drained, new Promise((resolve) => setImmediate(resolve))]);
    expect(server.sessionCount).toBe(0);
  });
});

describe.skipIf(process.platform === 'win32')('gymwire serve (but on Windows, which has no signals)', () => {
  it('drains on SIGTERM: a session goes on, and the process ends with it', async () => {
    const { process: server, address } = await startServer(temporaryFolder());
    const connection = await connect(address);
    onTestFinished(() => connection.close());
    const env = await connection.make('Pendulum-v1');
    await env.reset({ seed: 1 });
    const ended = server.kill('SIGTERM');
    await server.noted(/shutting down: 1 session may end first; again ends at once/);
    expect(await healthOf(address)).toBe(notServing);
    await env.step(float32([0.5]));
    await env.close();
    expect(await ended).toMatchObject({ code: 0 });
  });

  it('ends at once on a second signal, and tells its clients', async () => {
    const folder = temporaryFolder();
    const args = ['--json', 'serve', '--port', '0', '--drain-timeout-ms', '600000'];
    const server = startCli(args, folder);
    const [line] = await server.printed(/^.*"type":"listening".*$/m);
    const { address } = JSON.parse(line) as { address: string };
    const connection = await connect(address, { reconnectTimeoutMs: 0 });
    onTestFinished(() => connection.close());
    const env = await connection.make('Pendulum-v1');
    await env.reset({ seed: 1 });
    const ended = server.kill('SIGTERM');
    await server.noted(/again ends at once/);
    void server.kill('SIGINT');
    await server.noted(/ending at once/);
    expect(await ended).toMatchObject({ code: 130 });
    await expect(env.step(float32([0.5]))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});
