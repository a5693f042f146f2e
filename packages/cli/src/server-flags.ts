/** The flags that say which server a command talks to, and how; agent-sdk's `connect` decides what they may be. */
import type { ConnectOptions, FleetMode, FleetServers } from '@gymwire/agent-sdk';
import { fleetModes } from '@gymwire/agent-sdk/parts';
import { type Command, Option } from 'commander';
import { integer } from './parse-arguments.ts';
import { readTrusted } from './read-text.ts';
import { UsageError } from './usage-error.ts';

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
  readonly insecure?: boolean;
  readonly callDeadlineMs?: number;
  readonly stepDeadlineMs?: number;
  readonly reconnectTimeoutMs?: number;
}

/** The flags of commands that several servers can serve. */
export interface FleetFlags extends ServerFlags {
  readonly serversFile?: string;
  readonly fleetMode?: FleetMode;
}

/** @param what what the servers are for */
export function addFleetFlags(command: Command, what: string): Command {
  return addServerFlags(command, `${what} (several: a fleet, with commas between)`)
    .option('--servers-file <file>', 'servers of a fleet, one a line; read again while it is used')
    .addOption(
      new Option(
        '--fleet-mode <mode>',
        'of a fleet: strict waits for every host, elastic goes on without a slow one, and no run is reproducible; default: strict',
      ).choices(fleetModes),
    );
}

/**
 * The servers of a fleet; undefined where there is one server, or none is named.
 * @throws UsageError for flags that contradict each other
 */
export function fleetServers({ server, serversFile, fleetMode }: FleetFlags): FleetServers | undefined {
  if (serversFile !== undefined) {
    if (server === undefined) return { serversFile };
    throw new UsageError('--servers-file names the servers: leave --server away');
  }
  // One name may be that of many hosts.
  if (server?.includes(',') === true || server?.startsWith('dns:///') === true) {
    const addresses = server.split(',').map((address) => address.trim());
    if (!addresses.includes('')) return addresses;
    throw new UsageError(
      `--server: expected an address between commas, got none in ${JSON.stringify(server)}`,
    );
  }
  if (fleetMode === undefined) return undefined;
  throw new UsageError(
    '--fleet-mode belongs to a fleet: name several servers with --server, or --servers-file',
  );
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
  const withToken = command.option('--token-file <file>', 'file with the token that the server asks for');
  return addInsecureFlag(addTlsFlags(withToken));
}

export function addInsecureFlag(command: Command): Command {
  return command.option(
    '--insecure',
    'show the token to another machine without TLS: the network itself is trusted',
  );
}

export function addTlsFlags(command: Command): Command {
  return command
    .option('--tls', 'encrypt, and trust the authorities that Node trusts')
    .option('--ca <file>', 'encrypt, and trust these authorities (PEM) instead')
    .option('--tls-cert <file>', 'certificate (PEM) for a server that asks for one')
    .option('--tls-key <file>', 'private key of --tls-cert (PEM)')
    .option('--tls-server-name <name>', 'name in the server’s certificate, if not the host in its address');
}

/** @throws AgentError FILE_UNREADABLE; INVALID_OPTION for a file that everybody can write */
export async function connectOptions(flags: ServerFlags): Promise<ConnectOptions> {
  const { tokenFile, insecure, callDeadlineMs, stepDeadlineMs, reconnectTimeoutMs } = flags;
  return {
    ...(tokenFile !== undefined && { token: await readTrusted('--token-file', tokenFile) }),
    ...(insecure === true && { insecure }),
    ...(await tlsOptions(flags)),
    ...(callDeadlineMs !== undefined && { callDeadlineMs }),
    ...(stepDeadlineMs !== undefined && { stepDeadlineMs }),
    ...(reconnectTimeoutMs !== undefined && { reconnectTimeoutMs }),
  };
}

/** @throws AgentError FILE_UNREADABLE; INVALID_OPTION for a file that everybody can write */
export async function tlsOptions(flags: TlsFlags): Promise<Pick<ConnectOptions, 'tls'>> {
  const { tls = false, ca, tlsCert, tlsKey, tlsServerName } = flags;
  const encrypts = tls || [ca, tlsCert, tlsKey, tlsServerName].some((flag) => flag !== undefined);
  if (!encrypts) return {};
  return {
    tls: {
      ...(ca !== undefined && { ca: await readTrusted('--ca', ca) }),
      ...(tlsCert !== undefined && { certificate: await readTrusted('--tls-cert', tlsCert) }),
      ...(tlsKey !== undefined && { privateKey: await readTrusted('--tls-key', tlsKey) }),
      ...(tlsServerName !== undefined && { serverName: tlsServerName }),
    },
  };
}
