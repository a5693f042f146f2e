/**
 * A file of servers, one a line: an address, and what is this server's own, by the names of the command line's flags:
 *
 *     # address            what differs from the flags
 *     10.0.0.7:50051       token-file=token ca=ca.pem
 *     dns:///sims:50051    tls tls-server-name=sims.example
 *     unix:/run/gym.sock
 *
 * Paths are relative to the file's folder, in quotes where they hold spaces; tokens are in files of their own.
 */
import { dirname, resolve } from 'node:path';
import { messageOf, nameHint } from '@gymwire/protocol';
import { expectCertificates } from '@gymwire/protocol/wire';
import type { ClientTls } from '../env-client/client-credentials.ts';
import type { ConnectOptions } from '../env-client/connect-options.ts';
import { AgentError } from '../errors.ts';
import { readTrustedFile, warningsOfOpenFiles } from './secret-file.ts';

/** A line of the file. */
export interface ListedServer extends ConnectOptions {
  readonly address: string;
}

/** What the file holds. */
export interface ServersFile {
  readonly servers: readonly ListedServer[];
  /** What people should mend: files that everybody on this machine can read. */
  readonly warnings: readonly string[];
}

/**
 * Reads the file, and the tokens and certificates that it names.
 * @throws AgentError FILE_UNREADABLE; INVALID_OPTION for a line that makes no sense, by its number, for a file without an address,
 * and for one that everybody can write, as for those that it names: who writes it learns the token
 */
export async function readServersFile(path: string): Promise<ServersFile> {
  const text = await readTrustedFile('servers', path);
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, i) => ({ where: `${path}:${i + 1}`, line }));
  const tokenFiles: string[] = [];
  const servers: ListedServer[] = [];
  for (const { where, line } of lines) {
    const [written, ...rest] = wordsOf(line, where);
    if (written === undefined) continue;
    const address = written.replaceAll('"', '');
    if (address === '') {
      throw new AgentError('INVALID_OPTION', `${where}: expected an address first, got ${written}`);
    }
    const own = settingsOf(rest, where);
    const file = (name: SettingName) => {
      const value = own.get(name);
      return value === undefined ? undefined : resolve(dirname(path), value);
    };
    const tokenFile = file('token-file');
    if (tokenFile !== undefined) tokenFiles.push(tokenFile);
    servers.push({
      address,
      ...(tokenFile !== undefined && { token: await readTrustedFile(`${where}: token-file`, tokenFile) }),
      ...(await tlsOf(own, file, where)),
    });
  }
  if (servers.length === 0) {
    throw new AgentError(
      'INVALID_OPTION',
      `${path}: expected an address a line, such as 10.0.0.7:50051; it has none`,
    );
  }
  const warnings = await Promise.all(
    [path, ...new Set(tokenFiles)].map((file) => warningsOfOpenFiles({ [path]: file })),
  );
  return { servers, warnings: warnings.flat() };
}

const settingNames = ['token-file', 'tls', 'ca', 'tls-cert', 'tls-key', 'tls-server-name'] as const;
type SettingName = (typeof settingNames)[number];

/** Without its comment. @throws AgentError INVALID_OPTION for a quote that is not closed */
function wordsOf(line: string, where: string): string[] {
  const all = line.match(/(?:[^\s"]|"[^"]*(?:"|$))+/g) ?? [];
  const comment = all.findIndex((word) => word.startsWith('#'));
  const words = comment < 0 ? all : all.slice(0, comment);
  const open = words.find((word) => word.replaceAll(/[^"]/g, '').length % 2 === 1);
  if (open === undefined) return words;
  throw new AgentError('INVALID_OPTION', `${where}: a quote is not closed: ${JSON.stringify(open)}`);
}

function settingsOf(words: readonly string[], where: string): ReadonlyMap<SettingName, string> {
  const settings = new Map<SettingName, string>();
  for (const word of words) {
    const [, written = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const name = settingNames.find((known) => known === written);
    if (name === undefined) {
      throw new AgentError(
        'INVALID_OPTION',
        `${where}: ${JSON.stringify(written)} is no setting of a server (${nameHint(written, settingNames)}); one address a line`,
      );
    }
    const given = value?.replaceAll('"', '');
    if ((name === 'tls') !== (given === undefined) || given === '') {
      const expected = name === 'tls' ? 'tls, which has no value' : `${name}=…`;
      throw new AgentError('INVALID_OPTION', `${where}: expected ${expected}, got ${JSON.stringify(word)}`);
    }
    if (settings.has(name)) {
      throw new AgentError(
        'INVALID_OPTION',
        `${where}: ${name} is given twice: which one goes for this server?`,
      );
    }
    settings.set(name, given ?? '');
  }
  return settings;
}

async function tlsOf(
  settings: ReadonlyMap<SettingName, string>,
  file: (name: SettingName) => string | undefined,
  where: string,
): Promise<{ readonly tls?: ClientTls }> {
  if (![...settings.keys()].some((name) => name !== 'token-file')) return {};
  const text = async (name: SettingName) => {
    const path = file(name);
    return path === undefined ? undefined : readTrustedFile(`${where}: ${name}`, path);
  };
  const [ca, certificate, privateKey] = [await text('ca'), await text('tls-cert'), await text('tls-key')];
  if (ca !== undefined) checkAuthorities(ca, `${where}: ca: ${file('ca') ?? ''}`);
  const serverName = settings.get('tls-server-name');
  return {
    tls: {
      ...(ca !== undefined && { ca }),
      ...(certificate !== undefined && { certificate }),
      ...(privateKey !== undefined && { privateKey }),
      ...(serverName !== undefined && { serverName }),
    },
  };
}

/** @throws AgentError INVALID_OPTION */
function checkAuthorities(pem: string, what: string): void {
  try {
    expectCertificates(pem, what);
  } catch (cause) {
    throw new AgentError('INVALID_OPTION', messageOf(cause), { cause });
  }
}
