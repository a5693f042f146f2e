/** Where a fleet's hosts are listed: given one by one, in a file, or in the records of a name. */
import { lookup } from 'node:dns/promises';
import { resolve as resolvePath } from 'node:path';
import { messageOf } from '@gymwire/protocol';
import { parseServerAddress } from '@gymwire/protocol/wire';
import type { ConnectOptions } from '../env-client/connect-options.ts';
import type { ServerAddress } from '../env-client/open-connection.ts';
import { AgentError } from '../errors.ts';
import { type ListedServer, readServersFile } from './servers-file.ts';

/** Which servers make a fleet: their addresses, or a file of them, which is read again while the fleet is used. */
export type FleetServers = readonly ServerAddress[] | { readonly serversFile: string };

/** A host as it is connected to. */
export interface ListedHost {
  /** Its address, as people know it. */
  readonly name: string;
  readonly address: string;
  readonly options: ConnectOptions;
}

/** The list as it is now. */
export interface HostList {
  readonly hosts: readonly ListedHost[];
  /** Names of many hosts that nobody knows (yet). */
  readonly unknown: readonly UnknownName[];
  readonly warnings: readonly string[];
}

/** A name that has no addresses. */
export interface UnknownName {
  /** The name as it is listed: "dns:///sims:50051". */
  readonly name: string;
  readonly fault: AgentError;
}

/** Finds the addresses of a name: `lookup` of node:dns. */
export type Resolve = (
  name: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

const resolveByDns: Resolve = (name) => lookup(name, { all: true });

/** Each time a name has other records, or the file other lines, the list is another one. */
export function createServerList(
  servers: FleetServers,
  options: ConnectOptions,
  resolve: Resolve = resolveByDns,
): { read(): Promise<HostList> } {
  const listed = async () => {
    if ('serversFile' in servers) return readServersFile(servers.serversFile);
    return { servers: servers.map(listedServer), warnings: [] };
  };
  const lookUp = keepingRecords(resolve);
  return {
    async read() {
      const { servers: all, warnings } = await listed();
      const told: string[] = [];
      const find: Resolve = (name) => lookUp(name, (warning) => told.push(warning));
      const found = await Promise.all(all.map((server) => hostsOf(server, options, find)));
      return {
        hosts: refuseTwins(found.flatMap((each) => ('name' in each ? [] : each))),
        unknown: found.flatMap((each) => ('name' in each ? [each] : [])),
        warnings: [...warnings, ...told],
      };
    },
  };
}

/** A name server that is away for a while takes no hosts away: what a name had goes on, and `tell` is told. */
function keepingRecords(
  resolve: Resolve,
): (name: string, tell: (warning: string) => void) => ReturnType<Resolve> {
  const known = new Map<string, Awaited<ReturnType<Resolve>>>();
  return async (name, tell) => {
    try {
      const records = await resolve(name);
      known.set(name, records);
      return records;
    } catch (error) {
      const before = known.get(name);
      if (before === undefined) throw error;
      tell(`${name} cannot be looked up again, and keeps its hosts: ${messageOf(error)}`);
      return before;
    }
  };
}

function listedServer(server: ServerAddress): ListedServer {
  return typeof server === 'string' ? { address: server } : server;
}

async function hostsOf(
  { address, ...own }: ListedServer,
  shared: ConnectOptions,
  resolve: Resolve,
): Promise<ListedHost[] | UnknownName> {
  const options = optionsOf(address, own, shared);
  const { name, port } = /^dns:\/\/\/(?<name>[^:]+):(?<port>\d+)$/.exec(address)?.groups ?? {};
  if (name === undefined || port === undefined) return [{ name: address, address, options }];
  const records = await recordsOf(name, address, resolve);
  if (records instanceof AgentError) return { name: address, fault: records };
  // Certificates are for the name, not for the numbers behind it.
  const tls = options.tls && { serverName: name, ...options.tls };
  return records.map((host) => ({
    name: `${host}:${port}`,
    address: `${host}:${port}`,
    options: { ...options, ...(tls !== undefined && { tls }) },
  }));
}

/** What a line says, and beside it what goes for all: of TLS too, setting by setting. There is no TLS on a socket file. */
function optionsOf(address: string, own: ConnectOptions, shared: ConnectOptions): ConnectOptions {
  const { tls: sharedTls, ...others } = shared;
  const tls = address.startsWith('unix:') ? own.tls : (own.tls ?? sharedTls) && { ...sharedTls, ...own.tls };
  return { ...others, ...own, ...(tls !== undefined && { tls }) };
}

/** A host of two families has a record of each: one family is taken. In an order of their own, since DNS shuffles them. */
async function recordsOf(name: string, address: string, resolve: Resolve): Promise<string[] | AgentError> {
  try {
    const records = await resolve(name);
    const family = records.some((record) => record.family === 4) ? 4 : 6;
    const found = records.filter((record) => record.family === family).map((record) => record.address);
    return [...new Set(found)].sort().map((host) => (family === 6 ? `[${host}]` : host));
  } catch (cause) {
    return new AgentError('INVALID_OPTION', `${address}: no addresses: ${messageOf(cause)}`, { cause });
  }
}

/** One host twice would look like two, and get two shares. */
function refuseTwins(hosts: readonly ListedHost[]): readonly ListedHost[] {
  const seen = new Map<string, string>();
  for (const { name, address } of hosts) {
    for (const place of placesOf(address)) {
      const twin = seen.get(place);
      if (twin === undefined) continue;
      const told = twin === name ? `${name} is listed twice` : `${twin} and ${name} are the same server`;
      throw new AgentError('INVALID_OPTION', `servers: ${told}`);
    }
    for (const place of placesOf(address)) seen.set(place, name);
  }
  return hosts;
}

/** Returns where an address leads, however it is written; no names are looked up for it. */
function placesOf(address: string): readonly string[] {
  try {
    const place = parseServerAddress(address, false);
    if (place.kind === 'unix') return [`unix:${resolvePath(place.path)}`];
    const host = place.host.toLowerCase();
    return (host === 'localhost' ? ['127.0.0.1', '::1'] : [host]).map((each) => `${each} ${place.port}`);
  } catch {
    // What is wrong with it connecting says.
    return [address];
  }
}
