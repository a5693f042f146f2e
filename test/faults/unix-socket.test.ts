/** Servers on a Unix socket instead of a port: as on a port, and with a file that must be whose it is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join, relative } from 'node:path';
import { Worker } from 'node:worker_threads';
import { connect } from '@gymwire/agent-sdk';
import { connectOperator } from '@gymwire/agent-sdk/parts';
import { runConformance } from '@gymwire/conformance';
import { type EnvServerOptions, startEnvServer } from '@gymwire/env-server';
import { GymwireError } from '@gymwire/protocol';
import { builtinEnvs, conformanceEnv } from '@gymwire/simulators';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { jsonLines, runCli, runCommands, startCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const isWindows = process.platform === 'win32';
const operatorToken = 'operator-0123456789';
const logger = pino({ level: 'silent' });

async function serve(path: string, options: Partial<EnvServerOptions> = {}) {
  const envs = [...builtinEnvs, conformanceEnv];
  const server = await startEnvServer({ envs, host: `unix:${path}`, logger, ...options });
  onTestFinished(() => server.shutdown());
  return server;
}

async function reach(address: string) {
  const connection = await connect(address, { reconnectTimeoutMs: 0 });
  onTestFinished(() => connection.close());
  return connection;
}

function code(expected: string, message: RegExp) {
  return expect.objectContaining({ code: expected, message: expect.stringMatching(message) as string });
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** The socket file of a server that was killed: nobody listens, and nobody has removed it. */
async function leaveDead(path: string): Promise<void> {
  const source = `const server = require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', source]), 'exit');
  expect(lstatSync(path).isSocket()).toBe(true);
}

/** Every number of an episode of eight environments. */
async function play(address: string): Promise<unknown> {
  const connection = await reach(address);
  const env = await connection.makeVector('Pendulum-v1', { numEnvs: 8, maxEpisodeSteps: 20 });
  const heard: unknown[] = [await env.reset({ seed: 7 })];
  for (let t = 0; t < 50; t++) {
    const actions = Float32Array.from({ length: 8 }, (_, i) => Math.sin(t + i));
    heard.push(structuredClone(await env.step(actions)));
  }
  await env.close();
  return heard;
}

describe.skipIf(isWindows)('a server on a Unix socket', () => {
  it('answers bit for bit as on a port', async () => {
    const socket = await serve(join(temporaryFolder(), 'gym.sock'));
    const port = await startEnvServer({ envs: builtinEnvs, port: 0, logger });
    onTestFinished(() => port.shutdown());
    expect(await play(socket.address)).toEqual(await play(port.address));
  });

  it('keeps the rules of the protocol', async () => {
    const { address } = await serve(join(temporaryFolder(), 'gym.sock'), { idleTimeoutMs: 3000 });
    // What has to do with connections; test/contract tries the others, on a port.
    const only = ['service', 'handshake', 'sequence', 'attach', 'stream', 'close', 'limits.sessions'];
    const { results } = await runConformance({ address, only });
    expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(results.length).toBeGreaterThan(20);
  });

  it('says what clients connect to, from whatever folder: an absolute path, and no port', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a b%41#.sock');
    const server = await serve(relative(process.cwd(), path));
    expect(server).toMatchObject({ address: `unix:${path}`, host: `unix:${path}`, port: 0 });
    for (const address of [`unix:${path}`, `unix://${path}`, `unix:${relative(process.cwd(), path)}`]) {
      expect(await reach(address)).toMatchObject({ address: `unix:${path}` });
    }
  });

  it('has a file that its owner alone may use, also in a worker thread, and none after its end', async () => {
    const path = join(temporaryFolder(), 'gym.sock');
    const before = process.umask(0);
    const server = await serve(path).finally(() => process.umask(before));
    const modeOf = (file: string) => lstatSync(file).mode & 0o777;
    expect(modeOf(path)).toBe(0o600);
    await server.shutdown();
    expect(existsSync(path)).toBe(false);
    const source = `
      import { parentPort } from 'node:worker_threads';
      const { startEnvServer } = await import(${JSON.stringify(import.meta.resolve('@gymwire/env-server'))});
      const { builtinEnvs } = await import(${JSON.stringify(import.meta.resolve('@gymwire/simulators'))});
      const server = await startEnvServer({ envs: builtinEnvs, host: ${JSON.stringify(`unix:${path}`)} });
      parentPort.postMessage('listening');`;
    const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
    const worker = new Worker(url);
    await once(worker, 'message');
    expect(modeOf(path)).toBe(0o600);
    await worker.terminate();
  });

  it('leaves the file of another server that has its path by its end', async () => {
    const path = join(temporaryFolder(), 'gym.sock');
    const first = await serve(path);
    rmSync(path);
    const second = await serve(path);
    await first.shutdown();
    expect(existsSync(path)).toBe(true);
    await reach(second.address);
  });

  it('takes over the file of a dead server, and leaves nothing else', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'gym.sock');
    await leaveDead(path);
    const server = await serve(path);
    await reach(server.address);
    expect(readdirSync(folder)).toEqual(['gym.sock']);
  });

  it('takes nothing from a server that lives, nor a file that is no socket', async () => {
    const folder = temporaryFolder();
    const first = await serve(join(folder, 'gym.sock'));
    const second = await failureOf(serve(join(folder, 'gym.sock')));
    expect(second).toEqual(
      code('SERVER_UNAVAILABLE', /cannot listen on unix:.*another server listens there/),
    );
    await reach(first.address);
    writeFileSync(join(folder, 'notes'), 'kept');
    const third = await failureOf(serve(join(folder, 'notes')));
    expect(third).toEqual(code('SERVER_UNAVAILABLE', /a file of another kind/));
    expect(readdirSync(folder).sort()).toEqual(['gym.sock', 'notes']);
    const nowhere = await failureOf(serve(join(folder, 'missing', 'gym.sock')));
    expect(nowhere).toEqual(
      code('SERVER_UNAVAILABLE', /cannot listen on unix:.*: no such folder: .*missing$/),
    );
  });

  it('knows its clients apart: the end of one does not end the others', async () => {
    const { address } = await serve(join(temporaryFolder(), 'gym.sock'), { operatorToken });
    const [first, second] = [await reach(address), await reach(address)];
    const [gone, staying] = [await first.make('Pendulum-v1'), await second.make('Pendulum-v1')];
    await gone.reset({ seed: 1 });
    await staying.reset({ seed: 1 });
    const operator = connectOperator(address, { token: operatorToken });
    onTestFinished(() => operator.close());
    const { sessions } = await operator.listSessions();
    const peers = sessions.map(({ peer }) => peer);
    for (const peer of peers) expect(peer).toMatch(/^unix:\d+$/);
    expect(new Set(peers).size).toBe(2);
    await gone.close();
    first.close();
    await staying.step([0.5]);
    await second.make('Pendulum-v1');
  });

  it('is held to a cap on connections, one client at a time', async () => {
    const { address } = await serve(join(temporaryFolder(), 'gym.sock'), { maxConnections: 1 });
    const env = await (await reach(address)).make('Pendulum-v1');
    await env.reset({ seed: 1 });
    expect(await failureOf(reach(address))).toEqual(code('CAPACITY', /connections/));
    await env.step([0.5]);
  });

  it('asks for its token, if it has one', async () => {
    const token = 'clients-0123456789';
    const { address } = await serve(join(temporaryFolder(), 'gym.sock'), { token });
    expect(await failureOf(reach(address))).toEqual(code('UNAUTHENTICATED', /token/));
    (await connect(address, { token })).close();
  });

  it('has neither TLS nor a port: who asks for them is told', async () => {
    const path = join(temporaryFolder(), 'gym.sock');
    const { certificate, privateKey } = await (await createAuthority('test')).issue('localhost');
    const refused = (options: Partial<EnvServerOptions>) => failureOf(serve(path, options));
    expect(await refused({ tls: { certificate, privateKey } })).toEqual(
      code('INVALID_ARGUMENT', /^host: unix:.*no TLS/),
    );
    expect(await refused({ port: 50051 })).toEqual(code('INVALID_ARGUMENT', /^port: unix:.* has none/));
    const { address } = await serve(path);
    const encrypted = await failureOf(connect(address, { tls: {} }));
    expect(encrypted).toEqual(code('INVALID_ARGUMENT', /^server address: unix:.*no TLS/));
  });
});

describe.skipIf(isWindows)('a client of a Unix socket', () => {
  it('is told when nobody listens, or somebody else', async () => {
    const folder = temporaryFolder();
    const missing = await failureOf(reach(`unix:${join(folder, 'gym.sock')}`));
    expect(missing).toEqual(code('SERVER_UNAVAILABLE', /is a server running there/));
    const web = await listen(join(folder, 'web.sock'));
    web.on('connection', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const other = await failureOf(reach(`unix:${join(folder, 'web.sock')}`));
    expect(other).toEqual(code('NOT_GYMWIRE', /no gymwire server/));
  });

  it('gets an error of this package for an address that is none', async () => {
    for (const address of ['unix:', 'unix://host/gym.sock', 'unix:folder/']) {
      expect(await failureOf(connect(address))).toEqual(code('INVALID_ARGUMENT', /path of a socket such as/));
    }
    const long = `unix:/tmp/${'x'.repeat(200)}`;
    expect(await failureOf(connect(long))).toEqual(code('INVALID_ARGUMENT', /may have 10[37] bytes/));
    expect(await failureOf(connect('unix-abstract:gym'))).toEqual(code('UNSUPPORTED', /unix:\/path/));
    expect(await failureOf(runConformance({ address: 'unix:' }))).toBeInstanceOf(GymwireError);
  });
});

async function listen(path: string): Promise<Server> {
  const server = createServer().listen(path);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return server;
}

describe.skipIf(isWindows)('gymwire on a Unix socket', () => {
  it('serves, is trained against, and shows its sessions', async () => {
    const folder = temporaryFolder();
    const server = startCli(['--json', 'serve', '--host', 'unix:gym.sock'], folder);
    const [line] = await server.printed(/^.*"type":"listening".*$/m);
    const address = `unix:${join(folder, 'gym.sock')}`;
    expect(JSON.parse(line)).toMatchObject({ address, host: address, port: 0 });
    const env = await (await reach(address)).make('Pendulum-v1');
    await env.reset({ seed: 1 });
    const listed = await runCli(['--json', 'sessions', '--server', 'unix:gym.sock'], folder);
    expect(jsonLines(listed.stdout).at(-1)).toMatchObject({ type: 'sessions', address, count: 1 });
    const nowhere = await runCli(['sessions', '--server', 'unix:other.sock'], folder);
    expect(nowhere).toMatchObject({ code: 3, stderr: expect.stringMatching(/no server that you started/) });
    const trained = await runCli(
      ['train', '--env', 'Pendulum-v1', '--server', 'unix:gym.sock', '--out', 'run', '--steps', '60'],
      folder,
    );
    expect(trained).toMatchObject({ code: 0 });
    await env.close();
    await server.kill('SIGTERM');
    await server.ended();
    expect(existsSync(join(folder, 'gym.sock'))).toBe(false);
  });

  it('is refused a port, and TLS, in the words of flags', async () => {
    const commands = [
      ['serve', '--host', 'unix:gym.sock', '--port', '7'],
      ['envs', '--server', 'unix:gym.sock', '--tls'],
    ];
    const [serving, client] = await runCommands(commands, temporaryFolder());
    expect(serving).toMatchObject({ code: 2, stderr: expect.stringMatching(/--port: unix:.* has none/) });
    expect(client).toMatchObject({ code: 2, stderr: expect.stringMatching(/no TLS/) });
  });
});
