/** What a wire must bear, with the other language at its other end: cuts, silence, tokens, TLS, lost sessions. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConnectOptions, connect } from '@gymwire/agent-sdk';
import { type EnvServerOptions, startEnvServer } from '@gymwire/env-server';
import { float32, isTensor, type Value } from '@gymwire/protocol';
import { conformanceEnv } from '@gymwire/simulators';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runPython } from './harness/python.ts';
import { startPythonServer } from './harness/python-server.ts';

const envId = 'gymwire/Conformance-v0';
const token = '0123456789abcdef-secret';

async function connectAndMake(address: string, options: ConnectOptions = {}) {
  const connection = await connect(address, options);
  onTestFinished(() => connection.close());
  return connection.make(envId, { maxEpisodeSteps: 0 });
}

/** Steps, all steps, resets of gymwire/Conformance-v0: whatever happened twice or never shows here. */
function counts(observation: Value): number[] {
  if (!isTensor(observation)) throw new Error('expected a tensor');
  return [...observation.data].map(Number).slice(1, 4);
}

describe('the TypeScript client at the Python server', () => {
  it('loses no step and doubles none when connections are cut', async () => {
    const proxy = await startTcpProxy(await startPythonServer('--conformance'));
    const env = await connectAndMake(proxy.address, { jitter: () => 0 });
    await env.reset({ seed: 1 });
    // After so many bytes, wherever in a message that is; each connection carries some steps before it breaks.
    proxy.cutAfter(Array.from({ length: 30 }, (_, i) => 3000 + 997 * i));
    proxy.cut();
    for (let step = 1; step <= 2500; step++) {
      expect(counts((await env.step(float32([0, 0]))).observation)).toEqual([step, step, 1]);
    }
    expect(proxy.cuts).toBeGreaterThanOrEqual(20);
  });

  it('takes its session over from a connection that went silent', async () => {
    const proxy = await startTcpProxy(await startPythonServer('--conformance'));
    const env = await connectAndMake(proxy.address, { stepDeadlineMs: 4000 });
    await env.reset({ seed: 1 });
    proxy.silence();
    expect(counts((await env.step(float32([0, 0]))).observation)).toEqual([1, 1, 1]);
  });

  it('is told that an episode is lost when the server is another one', async () => {
    const proxy = await startTcpProxy(await startPythonServer('--conformance'));
    const env = await connectAndMake(proxy.address);
    await env.reset({ seed: 1 });
    proxy.retarget(await startPythonServer('--conformance'));
    proxy.cut();
    await expect(env.step(float32([0, 0]))).rejects.toMatchObject({ code: 'EPISODE_LOST' });
    await env.reset({ seed: 1 });
    expect(counts((await env.step(float32([0, 0]))).observation)).toEqual([1, 1, 1]);
  });

  it('comes in with its token over TLS, and not without', async () => {
    const { ca, files } = await protection();
    const secret = [
      '--token-file',
      files.token,
      '--tls-cert',
      files.certificate,
      '--tls-key',
      files.privateKey,
    ];
    const address = await startPythonServer('--conformance', '--host', '127.0.0.2', ...secret);
    const env = await connectAndMake(address, { token, tls: { ca } });
    await env.reset({ seed: 1 });
    const stranger = await createAuthority('stranger');
    const refused: ReadonlyArray<readonly [ConnectOptions, string]> = [
      [{ tls: { ca } }, 'UNAUTHENTICATED'],
      [{ token: `${token}2`, tls: { ca } }, 'UNAUTHENTICATED'],
      [{ token, tls: { ca: stranger.ca } }, 'TLS_FAILED'],
    ];
    for (const [options, code] of refused) {
      await expect(connect(address, options)).rejects.toMatchObject({ code });
    }
  });
});

describe('the Python client at the TypeScript server', () => {
  const script = join('test', 'oracles', 'python', 'count_steps.py');

  async function play(options: object): Promise<unknown> {
    return JSON.parse(await runPython(script, JSON.stringify(options)));
  }

  async function serve(options: Partial<EnvServerOptions> = {}): Promise<string> {
    const server = await startEnvServer({
      port: 0,
      envs: [conformanceEnv],
      ...options,
    });
    onTestFinished(() => server.shutdown());
    return server.address;
  }

  it('loses no step and doubles none when connections are cut', async () => {
    const proxy = await startTcpProxy(await serve());
    proxy.cutAfter(Array.from({ length: 30 }, (_, i) => 6000 + 997 * i));
    expect(await play({ address: proxy.address, steps: 2500 })).toEqual({ steps: 2500 });
    expect(proxy.cuts).toBeGreaterThanOrEqual(20);
  });

  it('comes in with its token over TLS, and not without', async () => {
    const { certificate, privateKey, files } = await protection();
    const address = await serve({ host: '127.0.0.2', token, tls: { certificate, privateKey } });
    expect(await play({ address, steps: 3, ca: files.ca, token_file: files.token })).toEqual({ steps: 3 });
    expect(await play({ address, steps: 3, ca: files.ca })).toEqual({ code: 'UNAUTHENTICATED' });
    expect(await play({ address, steps: 3, ca: files.ca, token: `${token}2` })).toEqual({
      code: 'UNAUTHENTICATED',
    });
    expect(await play({ address, steps: 3, ca: files.stranger, token })).toEqual({ code: 'TLS_FAILED' });
    expect(await play({ address, steps: 3, token })).toEqual({ code: 'TLS_FAILED' });
  });
});

/** A certificate for 127.0.0.2, its authority and another one, and the token; PEM and files. */
async function protection() {
  const authority = await createAuthority('authority');
  const issued = await authority.issue('127.0.0.2');
  const folder = temporaryFolder();
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const files = {
    ca: write('ca.pem', authority.ca),
    stranger: write('stranger.pem', (await createAuthority('stranger')).ca),
    certificate: write('certificate.pem', issued.certificate),
    privateKey: write('key.pem', issued.privateKey),
    token: write('token', `${token}\n`),
  };
  return { ca: authority.ca, ...issued, files };
}
