/** `gymwire sessions`, as whoever runs a server uses it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@gymwire/agent-sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jsonLines, runCli, startCli, startServer } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}

/** A server with a folder of its own for the token, and what `gymwire sessions` says there. */
async function serve(flags: readonly string[] = []) {
  const folder = temporaryFolder();
  const server = flags.length === 0 ? await startServer(folder) : await startWith(folder, flags);
  const port = portOf(server.address);
  const file = join(folder, 'gymwire', `operator-${port}.json`);
  return {
    ...server,
    folder,
    port,
    file,
    sessions: (...args: string[]) => runCli(['sessions', ...args], folder),
  };
}

async function startWith(folder: string, flags: readonly string[]) {
  const server = startCli(['--json', 'serve', '--port', '0', ...flags], folder);
  const [line] = await server.printed(/^.*"type":"listening".*$/m);
  return { process: server, address: (JSON.parse(line) as { address: string }).address };
}

describe('gymwire sessions', () => {
  it('lists the sessions of a server of this user, and ends one', async () => {
    const { address, port, sessions, folder } = await serve();
    const empty = await sessions('--port', port);
    expect(empty).toMatchObject({ code: 0, stdout: `no sessions at ${address}, which has room for 64\n` });
    const connection = await connect(address);
    onTestFinished(() => connection.close());
    const env = await connection.make('Pendulum-v1');
    await env.reset({ seed: 1 });
    await connection.makeVector('Pendulum-v1', { numEnvs: 2 });
    const { stdout } = await sessions('--port', port);
    const [title, header, ...rows] = stdout.trimEnd().split('\n');
    expect(title).toBe(`2 of 64 sessions at ${address}`);
    expect(header).toMatch(/^handle +environment +age +last call +stream +calls +client +from$/);
    expect(rows).toEqual([
      expect.stringMatching(
        /^[0-9a-f]{12} {2}Pendulum-v1 .* attached {2}1 +gymwire-agent-sdk\/.* 127\.0\.0\.1:\d+$/,
      ),
      expect.stringMatching(
        /^[0-9a-f]{12} {2}Pendulum-v1 × 2 .* attached {2}0 +gymwire-agent-sdk\/.* 127\.0\.0\.1:\d+$/,
      ),
    ]);
    const listed = jsonLines((await runCli(['--json', 'sessions', '--port', port], folder)).stdout);
    expect(listed.map(({ type }) => type)).toEqual(['session', 'session', 'sessions']);
    const handle = rows[0]?.slice(0, 12) ?? '';
    const ended = await sessions('--port', port, '--end', handle);
    expect(ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(`^ended ${handle} \\(Pendulum-v1, .* old\\)\n$`),
    });
    await expect(env.reset()).rejects.toMatchObject({ code: 'SESSION_GONE' });
    const again = await sessions('--port', port, '--end', handle);
    expect(again).toMatchObject({ code: 3, stderr: expect.stringMatching(/SESSION_GONE: no session/) });
  });

  it('lists and ends those of all servers of this user where none is named, and passes killed ones over', async () => {
    const one = await serve();
    const other = startCli(['--json', 'serve', '--port', '0'], one.folder);
    const killed = startCli(['--json', 'serve', '--port', '0'], one.folder);
    const [line] = await other.printed(/^.*"type":"listening".*$/m);
    await killed.printed(/"type":"listening"/);
    await killed.kill('SIGKILL');
    const { address } = JSON.parse(line) as { address: string };
    const connection = await connect(address);
    onTestFinished(() => connection.close());
    await connection.make('Pendulum-v1');
    const all = await runCli(['--json', 'sessions'], one.folder);
    expect(all).toMatchObject({ code: 0, stderr: expect.stringMatching(/1 that ended without a word/) });
    const lists = jsonLines(all.stdout).filter(({ type }) => type === 'sessions');
    const counts = new Map(lists.map(({ address: at, count }) => [at, count]));
    expect(counts).toEqual(
      new Map([
        [one.address, 0],
        [address, 1],
      ]),
    );
    const handle = String(jsonLines(all.stdout).find(({ type }) => type === 'session')?.handle);
    expect(await one.sessions('--end', handle)).toMatchObject({ code: 0 });
    const again = await one.sessions('--end', handle);
    expect(again).toMatchObject({ code: 3, stderr: expect.stringMatching(/no session .* at the 2 servers/) });
  });

  it('says where there is no server of this user', async () => {
    expect(await runCli(['sessions'], temporaryFolder())).toMatchObject({
      code: 0,
      stdout: 'no server that you started runs on this machine\n',
    });
    const { code, stderr } = await runCli(['sessions', '--port', '1'], temporaryFolder());
    expect(code).toBe(3);
    expect(stderr).toMatch(/no server that you started listens on port 1 of this machine/);
  });

  it('shows the token of a server here to no other address', async () => {
    const { port, address, sessions } = await serve();
    const { code, stderr } = await sessions('--server', `10.0.0.1:${port}`);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `the server that you started on port ${port} of this machine is ${address}; for 10.0.0.1:${port}, give`,
    );
    expect(await sessions('--server', `localhost:${port}`)).toMatchObject({ code: 0 });
    expect(await sessions('--server', address, '--port', port)).toMatchObject({ code: 2 });
  });

  it('takes a token from a file that serve was given, too', async () => {
    const keys = temporaryFolder();
    const [tokenFile, clients] = [join(keys, 'operator'), join(keys, 'clients')];
    writeFileSync(tokenFile, 'an-operator-token-1234\n', { mode: 0o600 });
    writeFileSync(clients, 'a-clients-token-12345\n', { mode: 0o600 });
    const { address, port, file, sessions } = await serve([
      '--operator-token-file',
      tokenFile,
      '--token-file',
      clients,
    ]);
    expect(existsSync(file)).toBe(false);
    expect(await sessions('--server', address, '--operator-token-file', tokenFile)).toMatchObject({
      code: 0,
    });
    const refused = await sessions('--port', port, '--operator-token-file', clients);
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringMatching(/UNAUTHENTICATED/) });
  });
});

describe('the file with the operator’s token', () => {
  it('says of a server with TLS what it takes to ask it', async () => {
    const { file, port, sessions } = await serve();
    const written = JSON.parse(readFileSync(file, 'utf8')) as object;
    expect(written).toMatchObject({ tls: false });
    writeFileSync(file, JSON.stringify({ ...written, tls: true }), { mode: 0o600 });
    expect(await sessions('--port', port)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/speaks TLS: say with --ca/) as string,
    });
  });

  it('is gone with its server, and one that a killed server left does no harm', async () => {
    const { process: server, file, folder, port } = await serve();
    await server.kill('SIGKILL');
    expect(existsSync(file)).toBe(true);
    const dead = await runCli(['sessions', '--port', port], folder);
    expect(dead).toMatchObject({ code: 3, stderr: expect.stringMatching(/SERVER_UNAVAILABLE/) });
    const next = startCli(['--json', 'serve', '--port', port], folder);
    await next.printed(/"type":"listening"/);
    expect(await runCli(['sessions', '--port', port], folder)).toMatchObject({ code: 0 });
    await next.kill('SIGTERM');
    // Windows ends a process at once, whatever the signal.
    expect(existsSync(file)).toBe(process.platform === 'win32');
  });
});
