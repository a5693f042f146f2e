/** The flags that say which server a command talks to, and how; agent-sdk's `connect` decides what they may be. */
import { readFile } from 'node:fs/promises';
import { AgentError, type ConnectOptions } from '@gymwire/agent-sdk';
import type { Command } from 'commander';
import { integer } from './parse-arguments.ts';

export interface TlsFlags {
  readonly tls?: boolean;
  readonly ca?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsServerName?: string;
}

export interface ServerFlags extends TlsFlags {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly callDeadlineMs?: number;
  readonly stepDeadlineMs?: number;
  readonly reconnectTimeoutMs?: number;
}

/** @param what what the server is for */
export function addServerFlags(command: Command, what: string): Command {
  command.option(
    '--server <address>',
    `server to ${what}, host:port or unix:/path; without it, one of its own`,
  );
  return addSecurityFlags(command)
    .option(
      '--call-deadline-ms <ms>',
      'longest answer to a reset, or any call but a step; 60 000',
      integer(1),
    )
    .option('--step-deadline-ms <ms>', 'longest answer to a step; default: --call-deadline-ms', integer(1))
    .option(
      '--reconnect-timeout-ms <ms>',
      'how long to try when the connection breaks; 60 000; 0: not at all',
      integer(0),
    );
}

/** What to show to a server that asks, and whom to trust. */
export function addSecurityFlags(command: Command): Command {
  return addTlsFlags(command.option('--token-file <file>', 'file with the token that the server asks for'));
}

export function addTlsFlags(command: Command): Command {
  return command
    .option('--tls', 'encrypt, and trust the authorities that Node trusts')
    .option('--ca <file>', 'encrypt, and trust these authorities (PEM) instead')
    .option('--tls-cert <file>', 'certificate (PEM) for a server that asks for one')
    .option('--tls-key <file>', 'private key of --tls-cert (PEM)')
    .option('--tls-server-name <name>', 'name in the server’s certificate, if not the host in its address');
}

/** @throws AgentError FILE_UNREADABLE */
export async function connectOptions(flags: ServerFlags): Promise<ConnectOptions> {
  const { tokenFile, callDeadlineMs, stepDeadlineMs, reconnectTimeoutMs } = flags;
  return {
    ...(tokenFile !== undefined && { token: await readText(tokenFile) }),
    ...(await tlsOptions(flags)),
    ...(callDeadlineMs !== undefined && { callDeadlineMs }),
    ...(stepDeadlineMs !== undefined && { stepDeadlineMs }),
    ...(reconnectTimeoutMs !== undefined && { reconnectTimeoutMs }),
  };
}

/** @throws AgentError FILE_UNREADABLE */
export async function tlsOptions(flags: TlsFlags): Promise<Pick<ConnectOptions, 'tls'>> {
  const { tls = false, ca, tlsCert, tlsKey, tlsServerName } = flags;
  const encrypts = tls || [ca, tlsCert, tlsKey, tlsServerName].some((flag) => flag !== undefined);
  if (!encrypts) return {};
  return {
    tls: {
      ...(ca !== undefined && { ca: await readText(ca) }),
      ...(tlsCert !== undefined && { certificate: await readText(tlsCert) }),
      ...(tlsKey !== undefined && { privateKey: await readText(tlsKey) }),
      ...(tlsServerName !== undefined && { serverName: tlsServerName }),
    },
  };
}

/** @throws AgentError FILE_UNREADABLE */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AgentError('FILE_UNREADABLE', `${path}: ${reason}`, { cause: error });
  }
}
