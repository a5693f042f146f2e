import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createServerList } from './server-list.ts';
import { readServersFile } from './servers-file.ts';

const [authorities = ''] = rootCertificates;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gymwire-servers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

function write(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('a file of servers', () => {
  it('has an address a line, with what is this server’s own; comments and empty lines count for nothing', async () => {
    write('token', 'a-token-of-sixteen\n');
    write('the ca.pem', authorities);
    const path = write(
      'servers',
      '# ours\r\n10.0.0.7:50051  token-file=token ca="the ca.pem"  # the fast one\n\n  unix:/run/gym.sock\n[::1]:5 tls tls-server-name=sims\n',
    );
    expect(await readServersFile(path)).toEqual({
      servers: [
        { address: '10.0.0.7:50051', token: 'a-token-of-sixteen\n', tls: { ca: authorities } },
        { address: 'unix:/run/gym.sock' },
        { address: '[::1]:5', tls: { serverName: 'sims' } },
      ],
      warnings: [],
    });
  });

  it.each([
    [
      '10.0.0.7:50051 10.0.0.8:50051',
      /servers:1: "10\.0\.0\.8:50051" is no setting of a server .*one address a line/,
    ],
    ['\n10.0.0.7:50051 tokenfile=a', /servers:2: "tokenfile" is no setting of a server \(.*token-file/],
    ['10.0.0.7:50051 tls=yes', /servers:1: expected tls, which has no value/],
    ['10.0.0.7:50051 ca', /servers:1: expected ca=…, got "ca"/],
    ['# nobody', /expected an address a line/],
    ['10.0.0.7:50051 token-file=', /servers:1: expected token-file=…, got "token-file="/],
    ['10.0.0.7:50051 ca=""', /servers:1: expected ca=…, got "ca=\\"\\""/],
    ['10.0.0.7:50051 token-file=a token-file=b', /servers:1: token-file is given twice/],
    ['10.0.0.7:50051 tls tls', /servers:1: tls is given twice/],
    ['10.0.0.7:50051 ca="ca.pem', /servers:1: a quote is not closed: "ca=\\"ca\.pem"/],
    ['"" tls', /servers:1: expected an address first, got ""/],
    ['10.0.0.7:50051 ca=servers', /servers:1: ca: .*servers: expected certificates as PEM/],
  ])('that says %j is refused', async (text, message) => {
    await expect(readServersFile(write('servers', text))).rejects.toThrow(message);
  });

  it('keeps no quotes, around addresses neither, and no mark of the order of its bytes', async () => {
    const { servers } = await readServersFile(write('servers', '\uFEFF"unix:/run/my gym.sock"\n"a:1"\n'));
    expect(servers).toEqual([{ address: 'unix:/run/my gym.sock' }, { address: 'a:1' }]);
  });

  it.skipIf(process.platform === 'win32')(
    'is checked as a file of a token is, and so are the tokens that it names: warned of where all can read them',
    async () => {
      write('token', 'a-token-of-sixteen', 0o604);
      const open = write('servers', '10.0.0.7:50051 token-file=token', 0o644);
      const { warnings } = await readServersFile(open);
      expect(warnings).toEqual([
        expect.stringMatching(/everybody on this machine can read .*servers: chmod 600 it/),
        expect.stringMatching(/everybody on this machine can read .*token: chmod 600 it/),
      ]);
    },
  );

  it.skipIf(process.platform === 'win32').each(['servers', 'token', 'ca.pem', 'cert.pem', 'key.pem'])(
    'is refused where everybody can write %s, as what it names is; a group may',
    async (name) => {
      for (const file of ['token', 'ca.pem', 'cert.pem', 'key.pem']) write(file, authorities);
      const settings = 'token-file=token ca=ca.pem tls-cert=cert.pem tls-key=key.pem';
      const path = write('servers', `10.0.0.7:50051 ${settings}`);
      chmodSync(join(folder, name), 0o660);
      expect((await readServersFile(path)).warnings).toEqual([]);
      chmodSync(join(folder, name), 0o602);
      await expect(readServersFile(path)).rejects.toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: expect.stringMatching(`everybody on this machine can write .*${name}, .*chmod o-w it`),
        }),
      );
    },
  );
});

describe('a list of servers', () => {
  const records = (addresses: readonly string[]) => async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

  it('has a host for each record of a name, in an order of their own, by one family', async () => {
    const list = createServerList(
      ['dns:///sims:50051', '10.0.0.1:7'],
      { token: 'a-token-of-sixteen', tls: {} },
      records(['10.0.0.9', '10.0.0.3', 'fd00::1', '10.0.0.9']),
    );
    const { hosts } = await list.read();
    expect(hosts.map(({ address }) => address)).toEqual(['10.0.0.3:50051', '10.0.0.9:50051', '10.0.0.1:7']);
    // A certificate is for the name.
    expect(hosts.map(({ options }) => options.tls)).toEqual([
      { serverName: 'sims' },
      { serverName: 'sims' },
      {},
    ]);
    const newer = createServerList(['dns:///sims:1'], {}, records(['fd00::2', 'fd00::1']));
    expect((await newer.read()).hosts.map(({ name }) => name)).toEqual(['[fd00::1]:1', '[fd00::2]:1']);
  });

  it.each([
    ['127.0.0.1:5', 'localhost:5'],
    ['localhost:5', '[::1]:5'],
    ['Sims:5', 'sims:5'],
    ['unix:u2.sock', 'unix:./u2.sock'],
    ['unix:/run/gym.sock', 'unix:///run/x/../gym.sock'],
  ])('%s and %s are one server under two names, which would get two shares', async (one, other) => {
    await expect(createServerList([one, 'a:1', other], {}).read()).rejects.toThrow(
      `servers: ${one} and ${other} are the same server`,
    );
  });

  it('takes other ports and both families of this machine for two servers', async () => {
    const servers = ['127.0.0.1:5', '127.0.0.1:6', '[::1]:5', 'localhost:7', 'unix:a.sock', 'unix:b.sock'];
    const { hosts } = await createServerList(servers, {}).read();
    expect(hosts.map(({ name }) => name)).toEqual(servers);
  });

  it('a name that nobody knows keeps no other host away; what a name had stays while it cannot be looked up', async () => {
    let isAway = false;
    const resolve = async (name: string) => {
      if (name === 'nobody' || isAway) throw new Error(`getaddrinfo ENOTFOUND ${name}`);
      return [{ address: '10.0.0.3', family: 4 }];
    };
    const list = createServerList(['dns:///nobody:1', 'dns:///sims:1', 'a:1'], {}, resolve);
    for (const away of [false, true]) {
      isAway = away;
      const { hosts, unknown, warnings } = await list.read();
      const kept = 'sims cannot be looked up again, and keeps its hosts: getaddrinfo ENOTFOUND sims';
      expect(warnings).toEqual(isAway ? [kept] : []);
      expect(hosts.map(({ name }) => name)).toEqual(['10.0.0.3:1', 'a:1']);
      expect(unknown.map(({ name, fault }) => `${name} ${fault.code} ${fault.message}`)).toEqual([
        'dns:///nobody:1 INVALID_OPTION dns:///nobody:1: no addresses: getaddrinfo ENOTFOUND nobody',
      ]);
    }
  });

  it('names nobody twice, and says what a line has of its own over what goes for all', async () => {
    await expect(createServerList(['a:1', 'a:1'], {}).read()).rejects.toThrow(/a:1 is listed twice/);
    const list = createServerList([{ address: 'a:1', token: 'own' }, 'b:1'], {
      token: 'all',
      callDeadlineMs: 9,
    });
    expect((await list.read()).hosts.map(({ options }) => options)).toEqual([
      { token: 'own', callDeadlineMs: 9 },
      { token: 'all', callDeadlineMs: 9 },
    ]);
  });

  it('a line’s TLS setting stands beside those of the flags, and puts none of them aside', async () => {
    const flags = { ca: 'our authority', certificate: 'our certificate', privateKey: 'our key' };
    const servers = [
      { address: 'a:1', tls: { serverName: 'sims' } },
      { address: 'b:1', tls: { ca: 'its own' } },
      'c:1',
      { address: 'd:1', tls: {} },
    ];
    const { hosts } = await createServerList(servers, { tls: flags }).read();
    expect(hosts.map(({ options }) => options.tls)).toEqual([
      { ...flags, serverName: 'sims' },
      { ...flags, ca: 'its own' },
      flags,
      flags,
    ]);
  });

  it('a socket file beside hosts with TLS has none, unless its line says so', async () => {
    const servers = ['unix:/run/gym.sock', 'a:1', { address: 'unix:/run/b.sock', tls: {} }];
    const { hosts } = await createServerList(servers, { token: 'all', tls: { ca: 'ours' } }).read();
    expect(hosts.map(({ options }) => options)).toEqual([
      { token: 'all' },
      { token: 'all', tls: { ca: 'ours' } },
      { token: 'all', tls: {} },
    ]);
  });
});
