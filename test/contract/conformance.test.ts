/** The kit against servers that keep the rules, and what it says of itself. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeRules, parseClaims, runConformance } from '@gymwire/conformance';
import { hearNotices, tellOperator } from '@gymwire/env/host';
import { createEnvRegistry, type EnvServerOptions, SessionStore, startEnvServer } from '@gymwire/env-server';
import { float32 } from '@gymwire/protocol';
import { builtinEnvs, conformanceEnv } from '@gymwire/simulators';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { createAuthority } from '../support/certificates.ts';
import { jsonLines, runCli } from '../support/cli.ts';
import { tableRows } from '../support/markdown.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n');

const token = 'conformance-0123456789';

async function serve(offersConformance: boolean, options: Partial<EnvServerOptions> = {}): Promise<string> {
  const server = await startEnvServer({
    port: 0,
    // Short, and yet longer than a busy machine may take between two calls of a rule.
    idleTimeoutMs: 3_000,
    envs: offersConformance ? [...builtinEnvs, conformanceEnv] : builtinEnvs,
    logger: pino({ level: 'silent' }),
    ...options,
  });
  onTestFinished(() => server.shutdown());
  return server.address;
}

describe('docs/conformance.md', () => {
  it('lists the rules as they are', () => {
    const listed = tableRows(read('docs/conformance.md'), 'rule').map(([id = '', requires, section]) => ({
      id: id.replaceAll('`', ''),
      requires,
      section,
    }));
    expect(listed).toEqual(describeRules());
  });

  it('names sections that exist', () => {
    const headings = [...read('docs/protocol.md').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      heading?.replaceAll("'", '’'),
    );
    for (const { section } of describeRules()) expect(headings).toContain(section);
  });
});

describe('a server that takes its time to make environments', () => {
  it('is filled to its cap, since sessions are held meanwhile', async () => {
    const idleTimeoutMs = 1_000;
    // Together longer than the first session may be idle.
    const make: typeof conformanceEnv.make = async (...args) => {
      await sleep(idleTimeoutMs / 4);
      return conformanceEnv.make(...args);
    };
    const envs = [{ ...conformanceEnv, make }];
    const address = await serve(true, { envs, idleTimeoutMs, maxSessions: 6 });
    const { results } = await runConformance({ address, only: ['limits.sessions'] });
    expect(results).toMatchObject([{ id: 'limits.sessions', outcome: 'passed' }]);
  });
});

describe('gymwire/Conformance-v0', () => {
  it.each(['counts', 'echo', 'image'])('returns members of its space: %s', async (observation) => {
    const heard: string[] = [];
    const told = new Promise<void>((resolve) => {
      const stop = hearNotices(({ message }) => (message === 'the end' ? resolve() : heard.push(message)));
      onTestFinished(stop);
    });
    const limits = { maxSessions: 1, maxNumEnvs: 1, maxTotalEnvs: 1, idleTimeoutMs: 60_000 };
    const store = new SessionStore(createEnvRegistry([conformanceEnv]), limits, pino({ level: 'silent' }));
    // A session refuses what has another structure, shape or dtype, and tells of what is out of bounds.
    const session = await store.make({ envId: conformanceEnv.id, arguments: { observation } });
    const reset = await session.reset({ seed: 1 });
    await session.step(observation === 'echo' ? reset.observation : float32([0, 0]));
    await store.closeAll(1000);
    tellOperator({ source: 'test', kind: 'detach', where: observation, message: 'the end', fields: {} });
    await told;
    expect(heard).toEqual([]);
  });
});

describe('gymwire conformance', () => {
  it('finds no fault with the TypeScript server', async () => {
    const address = await serve(true, { token });
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'token'), `${token}\n`);
    const { code, stdout } = await runCli(
      ['--json', 'conformance', address, '--token-file', 'token'],
      folder,
    );
    const lines = jsonLines(stdout);
    expect(lines.filter(({ type, outcome }) => type === 'rule' && outcome !== 'passed')).toEqual([]);
    // It has no batch simulators.
    const passed = describeRules().filter(({ id }) => !id.startsWith('batch.')).length;
    expect(lines.at(-1)).toMatchObject({
      type: 'conformance',
      isConforming: true,
      passed,
      failed: 0,
      claimed: 0,
    });
    expect(code).toBe(0);
  });

  it('says in a table what is wrong, and ends with 5', async () => {
    const address = await serve(false);
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'claims.json'), JSON.stringify({ 'listing.spec': 'not offered here' }));
    const { code, stdout } = await runCli(
      ['conformance', address, '--claims', 'claims.json', '--deadline-ms', '2000'],
      folder,
    );
    expect(stdout).toMatch(/^handshake\.reply +ok +names the protocol version/m);
    expect(stdout).toMatch(
      /^listing\.spec +claimed +not offered here \(gymwire\/Conformance-v0 is not listed\)$/m,
    );
    expect(stdout).toMatch(
      /^steps\.flags +FAILED +UNKNOWN_ENV: no environment "gymwire\/Conformance-v0" here/m,
    );
    expect(stdout).toMatch(/\d+ rules, \d+ passed, \d+ failed, 0 not tried, 1 claimed\n$/);
    expect(code).toBe(5);
  });

  it('ends with the code of a missing server where nobody answers', async () => {
    const { code, stderr } = await runCli(['conformance', '127.0.0.1:1'], temporaryFolder());
    expect(stderr).toMatch(/SERVER_UNAVAILABLE: no server at 127\.0\.0\.1:1/);
    expect(code).toBe(3);
  });
});

describe('tokens and certificates', () => {
  it('reach a server that asks for them', async () => {
    const authority = await createAuthority('a test');
    const address = await serve(true, { token, tls: await authority.issue('127.0.0.1') });
    const { results } = await runConformance({
      address,
      token,
      tls: { ca: authority.ca },
      only: ['auth', 'handshake', 'stream.order'],
    });
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(7).fill('passed'));
  });

  it('go to another machine over TLS only, and nothing is sent before that is said', async () => {
    const way = { address: '192.0.2.1:50051', token };
    await expect(runConformance(way)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/on the way to 192\.0\.2\.1:50051 it could be read/),
    });
  });

  it('that nobody asks for are two rules broken', async () => {
    const address = await serve(true);
    const { results } = await runConformance({ address, token, only: ['auth', 'handshake'] });
    const failed = results.filter(({ outcome }) => outcome === 'failed');
    expect(failed.map(({ id, why }) => [id, why])).toEqual([
      ['auth.no-token', 'Handshake with no token: expected UNAUTHENTICATED, but it was carried out'],
      ['auth.wrong-token', 'Handshake with another token: expected UNAUTHENTICATED, but it was carried out'],
    ]);
  });
});

describe('claims', () => {
  it('are an object of reasons, for rules that exist', () => {
    expect(parseClaims('{"listing.spec": "why not"}')).toEqual({ 'listing.spec': 'why not' });
    expect(() => parseClaims('{')).toThrow(/claims: it is not JSON/);
    expect(() => parseClaims('[]')).toThrow(/expected an object of rule ids and reasons/);
    expect(() => parseClaims('{"listing.nothing": "x"}')).toThrow(/there is no rule "listing.nothing"/);
    expect(() => parseClaims('{"listing.spec": " "}')).toThrow(/listing.spec: expected a reason/);
  });
});

describe('limits that the kit cannot reach', () => {
  it('are not tried, and count as failed', async () => {
    const address = await serve(true);
    const limits = { maxIdleTimeoutMs: 1, maxSessions: 2, maxMessageBytes: 1 };
    const report = await runConformance({ address, limits, only: ['limits'] });
    const rest = report.results.filter(({ outcome }) => outcome !== 'passed');
    expect(rest.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['limits.sessions', 'not-exercised'],
      ['limits.message-size', 'not-exercised'],
      ['limits.idle-closed', 'not-exercised'],
      ['limits.idle-held', 'not-exercised'],
    ]);
    expect(report.isConforming).toBe(false);
  });
});
