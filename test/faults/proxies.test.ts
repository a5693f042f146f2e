/** Proxies of the environment: loopback never meets them, and who cannot be reached keeps no command alive. */
import { connect } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runCli } from '../support/cli.ts';
import { startConnectProxy } from '../support/connect-proxy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Nobody listens there. */
const dead = 'http://127.0.0.1:9';
const names = ['http_proxy', 'https_proxy', 'grpc_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];

afterEach(() => vi.unstubAllEnvs());

async function serve() {
  const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
  onTestFinished(() => server.shutdown());
  return server;
}

describe('with a proxy for everything', () => {
  it('a command reaches its own server, and its named one on this machine, and ends', async () => {
    const { address, port } = await serve();
    for (const name of names) vi.stubEnv(name, dead);
    for (const args of [[], ['--server', address], ['--server', `localhost:${port}`]]) {
      expect(await runCli(['envs', ...args], temporaryFolder())).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('Pendulum-v1') as string,
      });
    }
  });

  it('a command that cannot reach its server says so and ends', async () => {
    vi.stubEnv('grpc_proxy', dead);
    const { code, stderr } = await runCli(['envs', '--server', 'robot.example:50051'], temporaryFolder());
    expect(code).toBe(3);
    expect(stderr).toMatch(/error SERVER_UNAVAILABLE: .*robot\.example:50051/);
  });
});

describe('a command whose own server it cannot talk to', () => {
  it('says so and ends, and its server with it', async () => {
    const { code, stderr } = await runCli(['envs', '--call-deadline-ms', '1'], temporaryFolder());
    expect(stderr).toMatch(/error DEADLINE_EXCEEDED/);
    expect(code).toBe(3);
  });
});

describe('the way to another machine', () => {
  it('leads through the proxy that grpc_proxy names, and through no other', async () => {
    const { port } = await serve();
    const proxy = await startConnectProxy(port);
    for (const name of names) vi.stubEnv(name, dead);
    vi.stubEnv('grpc_proxy', proxy.url);
    const connection = await connect('robot.example:50051', { reconnectTimeoutMs: 0 });
    const env = await connection.make('Pendulum-v1');
    await env.reset({ seed: 1 });
    await env.step([0]);
    connection.close();
    expect(new Set(proxy.asked)).toEqual(new Set(['robot.example:50051']));

    // The web's proxy is not asked: the name is looked up, and there is no such host.
    for (const name of names) vi.stubEnv(name, proxy.url);
    vi.stubEnv('grpc_proxy', '');
    const asked = proxy.asked.length;
    await expect(connect('robot.invalid:50051', { callDeadlineMs: 5000 })).rejects.toThrow(/robot\.invalid/);
    expect(proxy.asked).toHaveLength(asked);
  });
});
