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
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { nameHint } from '@gymwire/protocol';
import type { ClientTls } from '../env-client/client-credentials.ts';
import type { ConnectOptions } from '../env-client/connect-options.ts';
import { AgentError } from '../errors.ts';
import { warningsOfOpenFiles } from './secret-file.ts';

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

const writableByAll = 0o002;

/**
 * Reads the file, and the tokens and certificates that it names.
 * @throws AgentError FILE_UNREADABLE; INVALID_OPTION for a line that makes no sense, by its number, for a file without an address,
 * and for one that everybody can write: who writes it learns the token
 */
export async function readServersFile(path: string): Promise<ServersFile> {
  const text = await readText(path);
  if (process.platform !== 'win32' && ((await stat(path)).mode & writableByAll) !== 0) {
    throw new AgentError(
      'INVALID_OPTION',
      `${path}: everybody on this machine can write it, and say whom the token is shown to: chmod 600 it`,
    );
  }
  const lines = text.split(/\r?\n/).map((line, i) => ({ where: `${path}:${i + 1}`, words: wordsOf(line) }));
  const tokenFiles: string[] = [];
  const servers: ListedServer[] = [];
  for (const { where, words } of lines) {
    const [address, ...rest] = words;
    if (address === undefined) continue;
    const own = settingsOf(rest, where);
    const file = (name: SettingName) => {
      const value = own.get(name);
      return value === undefined ? undefined : resolve(dirname(path), value);
    };
    const tokenFile = file('token-file');
    if (tokenFile !== undefined) tokenFiles.push(tokenFile);
    servers.push({
      address,
      ...(tokenFile !== undefined && { token: await readText(tokenFile) }),
      ...(await tlsOf(own, file)),
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

/** Without its comment. */
function wordsOf(line: string): string[] {
  const words = line.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  const comment = words.findIndex((word) => word.startsWith('#'));
  return comment < 0 ? words : words.slice(0, comment);
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
    if ((name === 'tls') !== (value === undefined)) {
      const expected = name === 'tls' ? 'tls, which has no value' : `${name}=…`;
      throw new AgentError('INVALID_OPTION', `${where}: expected ${expected}, got ${JSON.stringify(word)}`);
    }
    settings.set(name, (value ?? '').replaceAll('"', ''));
  }
  return settings;
}

async function tlsOf(
  settings: ReadonlyMap<SettingName, string>,
  file: (name: SettingName) => string | undefined,
): Promise<{ readonly tls?: ClientTls }> {
  if (![...settings.keys()].some((name) => name !== 'token-file')) return {};
  const text = async (name: SettingName) => {
    const path = file(name);
    return path === undefined ? undefined : readText(path);
  };
  const [ca, certificate, privateKey] = [await text('ca'), await text('tls-cert'), await text('tls-key')];
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

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AgentError('FILE_UNREADABLE', `${path}: ${reason}`, { cause: error });
  }
}
