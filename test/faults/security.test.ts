/** Who may talk to a server, and what others learn. */
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { type ConnectOptions, connect } from '@gymwire/agent-sdk';
import { runConformance } from '@gymwire/conformance';
import { type EnvServerOptions, startEnvServer } from '@gymwire/env-server';
import { type ErrorCode, type GymwireError } from '@gymwire/protocol';
import { EnvServiceClient } from '@gymwire/protocol/wire';
import { builtinEnvs } from '@gymwire/simulators';
import { pino } from 'pino';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { dial } from '../../bench/src/abuse/raw-http2.ts';
import { type Authority, createAuthority } from '../support/certificates.ts';
import { jsonLines, runCli, runCommands, startCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const token = 'a-token-for-tests.0123456789';
const code = (expected: GymwireError['code'], message: RegExp) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) });

let authority: Authority;
let stranger: Authority;
let tls: { readonly certificate: string; readonly privateKey: string };
const host = '127.0.0.2';
const patiently = { timeout: 30_000 };

beforeAll(async () => {
  [authority, stranger] = await Promise.all([createAuthority('ours'), createAuthority('theirs')]);
  tls = await authority.issue(host);
});

async function serve(options: Partial<EnvServerOptions>) {
  const lines: string[] = [];
  const sink = new PassThrough().on('data', (line: Buffer) => lines.push(String(line)));
  const server = await startEnvServer({
    envs: builtinEnvs,
    port: 0,
    logger: pino({ level: 'debug' }, sink),
    ...options,
  });
  onTestFinished(() => server.shutdown());
  return { server, log: () => lines.join('') };
}

/** Connects, plays two steps, and leaves. */
async function play(address: string, options: ConnectOptions) {
  const connection = await connect(address, options);
  try {
    const env = await connection.make('Pendulum-v1');
    await env.reset({ seed: 1 });
    await env.step([0]);
    await env.step([0]);
    await env.close();
  } finally {
    connection.close();
  }
}

describe('a server with a token', () => {
  it('takes calls that carry it, and no others, in the same words', async () => {
    const { server, log } = await serve({ token: `${token}\n` });
    await play(server.address, { token: `  ${token}\n` });
    const refused = code('UNAUTHENTICATED', /^this server asks for a token$/);
    await expect(connect(server.address)).rejects.toThrow(refused);
    for (const wrong of [`${token}x`, token.slice(1), token.toUpperCase()]) {
      await expect(connect(server.address, { token: wrong })).rejects.toThrow(refused);
    }
    expect(log()).not.toContain(token);
  });

  it('asks for it on every call, streams and reflection included; health is open', async () => {
    const { server } = await serve({ token });
    const client = new EnvServiceClient(server.address, credentials.createInsecure());
    const refusal = expect.objectContaining({ code: 16 });
    const failure = (call: { on(type: 'error', hear: (error: ServiceError) => void): unknown }) =>
      new Promise<ServiceError>((resolve) => call.on('error', resolve));
    const unary = (start: (done: (error: ServiceError | null) => void) => unknown) =>
      new Promise<ServiceError | null>((resolve) => start(resolve));
    const request = { sessionId: 'x' };
    const errors = await Promise.all([
      unary((done) => client.handshake({}, done)),
      unary((done) => client.listEnvs({}, done)),
      unary((done) => client.makeSession({ envId: 'Pendulum-v1' }, done)),
      unary((done) => client.reset(request, done)),
      unary((done) => client.step(request, done)),
      unary((done) => client.render(request, done)),
      unary((done) => client.closeSession(request, done)),
      failure(client.interact()),
    ]);
    for (const error of errors) expect(error).toEqual(refusal);
    const identity = (bytes: Buffer) => bytes;
    const reflection = client.makeBidiStreamRequest(
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      identity,
      identity,
    );
    expect(await failure(reflection)).toEqual(refusal);
    expect(server.sessionCount).toBe(0);
    const health = await new Promise((resolve, reject) =>
      client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        identity,
        identity,
        Buffer.of(),
        (error, reply) => (error === null ? resolve(reply) : reject(error)),
      ),
    );
    // HealthCheckResponse: status = SERVING.
    expect(health).toEqual(Buffer.of(8, 1));
    client.close();
  });

  it('refuses before it reads what comes', async () => {
    const { server } = await serve({ token });
    const client = new EnvServiceClient(server.address, credentials.createInsecure());
    const bytes = new Uint8Array(8 * 2 ** 20);
    const error = await new Promise((resolve) =>
      client.step({ sessionId: 'x', action: { bytes: Buffer.from(bytes) } }, (fault: ServiceError | null) =>
        resolve(fault),
      ),
    );
    expect(error).toMatchObject({ code: 16 });
    client.close();
  });

  it.each([
    ['', /at least 16 characters/],
    ['short', /got 5$/],
    ['with spaces in the middle', /got other characters/],
    ['ünîcödé-ünîcödé-ünîcödé', /got other characters/],
  ])('must be given a good one: not %j', async (bad, message) => {
    await expect(startEnvServer({ envs: builtinEnvs, port: 0, token: bad })).rejects.toThrow(
      code('INVALID_ARGUMENT', message),
    );
    const said = await startEnvServer({ envs: builtinEnvs, port: 0, token: bad }).then(
      () => bad,
      (error: Error) => error.message,
    );
    expect(said.includes(bad)).toBe(bad === '');
  });
});

describe('a server with TLS', () => {
  it('and a token on 127.0.0.2 is played on', async () => {
    const { server } = await serve({ host, tls, token });
    expect(server.address).toMatch(/^127\.0\.0\.2:/);
    await play(server.address, { token, tls: { ca: authority.ca } });
  });

  it('keeps its cap of connections, handshakes that never end among them', async () => {
    const { server } = await serve({ host, tls, maxConnections: 3 });
    const env = await connect(server.address, { tls: { ca: authority.ca } });
    onTestFinished(() => env.close());
    const pendulum = await env.make('Pendulum-v1');
    await pendulum.reset({ seed: 1 });
    const silent = await Promise.all(Array.from({ length: 20 }, () => dial(server)));
    // To see their end; they say nothing.
    for (const socket of silent) socket.resume();
    onTestFinished(() => {
      for (const socket of silent) socket.destroy();
    });
    // The strangers made room for each other, and make it for a client.
    await vi.waitFor(
      () => expect(silent.filter(({ destroyed }) => destroyed).length).toBeGreaterThan(17),
      patiently,
    );
    await play(server.address, { tls: { ca: authority.ca } });
    await pendulum.reset({ seed: 2 });
  });

  it('is not trusted without its authority, under another name, or without TLS', async () => {
    const { server } = await serve({ host, tls });
    await expect(connect(server.address, { tls: { ca: stranger.ca } })).rejects.toThrow(
      code('TLS_FAILED', /certificate/),
    );
    await expect(connect(server.address, { tls: {} })).rejects.toThrow(code('TLS_FAILED', /certificate/));
    const misnamed = { ca: authority.ca, serverName: 'robot.example' };
    await expect(connect(server.address, { tls: misnamed })).rejects.toThrow(code('TLS_FAILED', /altnames/));
    await expect(connect(server.address)).rejects.toThrow(code('TLS_FAILED', /the server there wants TLS/));
    await play(server.address, { tls: { ca: authority.ca } });
  });

  it('is known by the name in its certificate, wherever it is', async () => {
    const { server } = await serve({ tls: await authority.issue('robot.example') });
    await play(server.address, { tls: { ca: authority.ca, serverName: 'robot.example' } });
    await expect(connect(server.address, { tls: { ca: authority.ca } })).rejects.toThrow(
      code('TLS_FAILED', /altnames|does not match/),
    );
  });

  it('at a bare IP address is asked for no name: Node 26 sends none, and throws where grpc-js wants it to', async () => {
    const names: unknown[] = [];
    const server = createSecureServer({ cert: tls.certificate, key: tls.privateKey });
    server.on('secureConnection', (socket: TLSSocket) => names.push(socket.servername));
    server.listen(0, host);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const options = { tls: { ca: authority.ca }, connectTimeoutMs: 5_000 };
    // It has TLS, and speaks HTTP/2: just no gRPC.
    server.on('stream', (stream) => stream.respond({ ':status': 404 }, { endStream: true }));
    await expect(connect(`${host}:${port}`, options)).rejects.toThrow(code('NOT_GYMWIRE', /./));
    await expect(
      runConformance({ address: `${host}:${port}`, tls: options.tls, only: ['service'] }),
    ).resolves.toMatchObject({ isConforming: false });
    expect(new Set(names)).toEqual(new Set([false]));
  });

  it('may ask clients for a certificate', async () => {
    const { server } = await serve({ host, tls: { ...tls, clientCa: authority.ca } });
    const trusted = await authority.issue('trainer');
    const foreign = await stranger.issue('trainer');
    const { ca } = authority;
    await play(server.address, { tls: { ca, ...trusted } });
    await expect(connect(server.address, { tls: { ca } })).rejects.toThrow(
      code('TLS_FAILED', /asks for a certificate of this client|may want a certificate/),
    );
    await expect(connect(server.address, { tls: { ca, ...foreign } })).rejects.toThrow(
      code('TLS_FAILED', /does not accept this client's certificate|may not trust ours/),
    );
    await expect(connect(server.address)).rejects.toThrow(code('TLS_FAILED', /wants TLS/));
    await play(server.address, { tls: { ca, ...trusted } });
  });

  it('is not what a client without TLS finds, nor the other way round', async () => {
    const { server } = await serve({});
    await expect(connect(server.address, { tls: { ca: authority.ca } })).rejects.toThrow(
      code('TLS_FAILED', /./),
    );
    await play(server.address, {});
  });

  it('is refused a misspelt option, which would be none: a clientCa that lets nobody else in', async () => {
    const misspelt = Object.assign({ clientCA: authority.ca }, tls);
    await expect(serve({ tls: misspelt })).rejects.toThrow(
      code('INVALID_ARGUMENT', /^tls takes no "clientCA": did you mean clientCa\?$/),
    );
  });

  it('must be given certificates and keys that are some and belong together', async () => {
    const other = await authority.issue(host);
    const options = [
      [{ ...tls, certificate: 'x' }, /tls\.certificate: expected a certificate as PEM/],
      [{ ...tls, privateKey: tls.certificate }, /tls\.privateKey: expected an unencrypted private key/],
      [{ ...tls, privateKey: other.privateKey }, /not the key of tls\.certificate/],
      [{ ...tls, clientCa: 'x' }, /tls\.clientCa: expected a certificate/],
    ] as const;
    for (const [bad, message] of options) {
      await expect(startEnvServer({ envs: builtinEnvs, port: 0, tls: bad })).rejects.toThrow(
        code('INVALID_ARGUMENT', message),
      );
    }
    await expect(connect('127.0.0.1:1', { tls: { ca: 'x', privateKey: 'x' } })).rejects.toThrow(
      code('INVALID_ARGUMENT', /belong together/),
    );
  });
});

describe('an address that other machines reach', () => {
  it.each<[string, Partial<EnvServerOptions> & { withTls?: boolean }, RegExp]>([
    ['a token alone', { token }, /without TLS the token and all else can be read/],
    ['TLS alone', { withTls: true }, /whoever reaches it may use this server/],
    ['insecure', { insecure: true }, /without encryption or authentication/],
  ])(
    'is allowed with %s, and the log says what is open',
    async (_, { withTls = false, ...options }, said) => {
      const { log } = await serve({ host: '0.0.0.0', ...options, ...(withTls && { tls }) });
      expect(log()).toMatch(said);
    },
  );

  it('is refused with nothing, and needs no warning with TLS and a token', async () => {
    await expect(startEnvServer({ envs: builtinEnvs, host: '0.0.0.0', port: 0 })).rejects.toThrow(
      code('INVALID_ARGUMENT', /neither a certificate nor a token/),
    );
    const { log } = await serve({ host: '0.0.0.0', token, tls });
    expect(log()).not.toMatch(/reachable/);
  });
});

describe('a host', () => {
  it('may be an address of IPv6 in brackets, which is loopback as without them', async () => {
    // Not every machine has IPv6: what matters is that the address is taken for what it is.
    const started = startEnvServer({ envs: builtinEnvs, host: '[::1]', port: 0 });
    const error = await started.then((server) => server.shutdown()).catch((thrown: unknown) => thrown);
    expect([undefined, code('SERVER_UNAVAILABLE', /cannot listen on \[::1\]/)]).toContainEqual(error);
  });

  it.each<[string, ErrorCode, RegExp]>([
    ['[localhost]', 'INVALID_ARGUMENT', /expected a name, an address/],
    ['unix-abstract:gym', 'UNSUPPORTED', /unix:\/path|Windows/],
  ])('%s is refused for what it is', async (host, expected, message) => {
    await expect(startEnvServer({ envs: builtinEnvs, host, port: 0 })).rejects.toThrow(
      code(expected, message),
    );
  });
});

describe('the command line', () => {
  const tokenFlags = ['--token-file', '--operator-token-file'];
  it.skipIf(process.platform === 'win32').each(tokenFlags)(
    'warns of %s that everybody can read',
    async (flag) => {
      const folder = temporaryFolder();
      const path = join(folder, 'token');
      writeFileSync(path, token);
      for (const [mode, warns] of [
        [0o644, true],
        [0o640, false],
      ] as const) {
        chmodSync(path, mode);
        const server = startCli(['serve', '--port', '0', flag, 'token'], folder);
        await server.printed(/serving on/);
        // Said before it listens.
        await server.stop();
        const { stderr } = await server.ended();
        const warning = new RegExp(`${flag}: everybody on this machine can read token`);
        expect(warning.test(stderr)).toBe(warns);
      }
    },
  );

  it.skipIf(process.platform === 'win32')(
    'takes no token, key, certificate or authority from a file that everybody can write',
    async () => {
      const folder = temporaryFolder();
      for (const name of ['mine', 'open']) writeFileSync(join(folder, name), token);
      chmodSync(join(folder, 'mine'), 0o660);
      chmodSync(join(folder, 'open'), 0o602);
      const asked = ['envs', '--server', '127.0.0.1:9'];
      const pair = ['--tls-cert', 'mine', '--tls-key', 'mine'];
      const commands = [
        ['serve', '--token-file', 'open'],
        ['serve', '--operator-token-file', 'open'],
        ['serve', '--tls-key', 'mine', '--tls-cert', 'open'],
        ['serve', '--tls-cert', 'mine', '--tls-key', 'open'],
        ['serve', ...pair, '--tls-client-ca', 'open'],
        [...asked, '--token-file', 'open'],
        [...asked, '--ca', 'open'],
        [...asked, '--tls-key', 'mine', '--tls-cert', 'open'],
        [...asked, '--tls-cert', 'mine', '--tls-key', 'open'],
        ['sessions', '--server', '127.0.0.1:9', '--operator-token-file', 'open'],
      ];
      const refused = await runCommands(commands, folder);
      for (const [i, { code: exit, stderr }] of refused.entries()) {
        const flag = commands[i]?.at(-2) ?? '';
        expect(stderr).toContain(`${flag}: everybody on this machine can write open`);
        expect([exit, stderr.includes(token)]).toEqual([2, false]);
      }
    },
  );

  it('trains over TLS with a token on 127.0.0.2, and is refused with exit code 3 otherwise', async () => {
    const folder = temporaryFolder();
    const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
    put('token', `${token}\n`);
    put('wrong-token', `${token}x\n`);
    put('ca.pem', authority.ca);
    put('wrong-ca.pem', stranger.ca);
    put('cert.pem', tls.certificate);
    put('key.pem', tls.privateKey);
    const secrets = ['--token-file', 'token', '--tls-cert', 'cert.pem', '--tls-key', 'key.pem'];
    const server = startCli(['--json', 'serve', '--host', host, '--port', '0', ...secrets], folder);
    const [line] = await server.printed(/^.*"type":"listening".*$/m);
    const { address } = JSON.parse(line) as { address: string };
    const own = ['--server', address];
    const training = [
      'train',
      '--env',
      'Pendulum-v1',
      '--steps',
      '300',
      '--hidden',
      '8',
      '--batch-size',
      '16',
    ];
    const good = [...own, '--ca', 'ca.pem', '--token-file', 'token'];
    const trained = await runCli([...training, '--eval-episodes', '2', '--out', 'run', ...good], folder);
    expect(trained.code, trained.stderr).toBe(0);

    const refusals = [
      [[...own, '--ca', 'ca.pem'], 'UNAUTHENTICATED'],
      [[...own, '--ca', 'ca.pem', '--token-file', 'wrong-token'], 'UNAUTHENTICATED'],
      [[...own, '--ca', 'wrong-ca.pem', '--token-file', 'token'], 'TLS_FAILED'],
      [[...own, '--token-file', 'token'], 'TLS_FAILED'],
    ] as const;
    const refused = await runCommands(
      refusals.map(([args]) => ['--json', 'envs', ...args]),
      folder,
    );
    for (const [i, { code: exit, stdout, stderr }] of refused.entries()) {
      const [, expected] = refusals[i];
      expect([exit, jsonLines(stdout).map((event) => event.code)]).toEqual([3, [expected]]);
      expect(stdout + stderr).not.toContain(token);
    }
    const usage = [
      [['envs', '--token-file', 'token'], 2],
      [['envs', ...own, '--token-file', 'nowhere'], 4],
      [['serve', '--tls-cert', 'cert.pem'], 2],
      [['serve', '--host', '0.0.0.0'], 2],
    ] as const;
    const misused = await runCommands(
      usage.map(([args]) => args),
      folder,
    );
    expect(misused.map(({ code }) => code)).toEqual(usage.map(([, expected]) => expected));
  });
});
