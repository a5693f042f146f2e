import { type EnvSpec, GymwireError, optionsFault, type ServerDescription, shown } from '@gymwire/protocol';
import type { EnvConnection } from '../env-client/connection.ts';
import { AgentError } from '../errors.ts';
import { EnvPlacer } from './env-placer.ts';
import { FleetEnv } from './fleet-env.ts';
import type { FleetHost } from './fleet-host.ts';
import {
  type FleetMode,
  type FleetOptions,
  type ResolvedFleetOptions,
  resolveFleetOptions,
} from './fleet-options.ts';
import { HostBook } from './host-book.ts';
import { createServerList, type FleetServers } from './server-list.ts';

/** Several servers as one, from `connectFleet`: what it makes is spread over them. */
export interface FleetConnection extends EnvConnection {
  /** How it waits: `strict` for every host in every step, `elastic` not for slow ones. */
  readonly mode: FleetMode;
  /** Names of the hosts that answer, in the order of the list. */
  readonly hosts: readonly string[];
}

/**
 * Connects to several servers and uses them as one: `train({ connection, … })` and `evaluatePolicy` take it as they take one from
 * `connect`. Environment i has its seeds and its place whatever host it is on, so that one host or eight give the same run. Each
 * host gets a share by the capacity that it tells. Environments of a host that is lost are made again on others; their episodes
 * are lost.
 *
 * ```ts from test/snippets/fleet.ts#fleet
 * import { connectFleet, train } from '@gymwire/agent-sdk';
 *
 * const addresses = ['127.0.0.1:50051', '127.0.0.1:50052'];
 * const fleet = await connectFleet(addresses, { onFleet: (event) => console.log(event) });
 * const options = { envId: 'Pendulum-v1', numEnvs: 8, totalEnvSteps: 400, learningStarts: 200 };
 * const { status } = await train({ connection: fleet, options });
 * console.log(status); // completed
 * fleet.close();
 * ```
 * @param servers addresses ("dns:///name:50051": a host a record), or `{ serversFile }` with one a line
 * @throws AgentError INVALID_OPTION, FILE_UNREADABLE; GymwireError as `connect` does, where no host answers or one cannot be used
 */
export async function connectFleet(
  servers: FleetServers,
  options: FleetOptions = {},
): Promise<FleetConnection> {
  const resolved = resolveFleetOptions(options);
  checkServers(servers);
  const book = new HostBook(createServerList(servers, resolved.connect), resolved);
  await book.open();
  return createFleet(book, resolved);
}

function checkServers(servers: FleetServers): void {
  if (Array.isArray(servers)) {
    if (servers.length > 0) return;
    throw new AgentError('INVALID_OPTION', 'servers: expected at least one address, got none');
  }
  const fault = optionsFault('connectFleet', servers, ['serversFile'], "{ serversFile: 'servers' }");
  if (fault !== undefined)
    throw new AgentError('INVALID_OPTION', `servers: expected addresses, or a file of them; ${fault}`);
  const { serversFile } = servers as { readonly serversFile?: unknown };
  if (typeof serversFile === 'string') return;
  throw new AgentError('INVALID_OPTION', `serversFile: expected a path, got ${shown(serversFile)}`);
}

function createFleet(book: HostBook, options: ResolvedFleetOptions): FleetConnection {
  const names = () => book.hosts.map(({ name }) => name);
  return {
    mode: options.mode,
    get hosts() {
      return names();
    },
    get address() {
      return names().join(', ');
    },
    get server() {
      return describeTogether(book.hosts);
    },
    listEnvs: () => listOfAll(book.hosts),
    async make(envId, makeOptions) {
      const faults: GymwireError[] = [];
      const byRoom = book.hosts.toSorted((a, b) => b.room - a.room);
      for (const { connection } of byRoom) {
        try {
          return await connection.make(envId, makeOptions);
        } catch (error) {
          if (!(error instanceof GymwireError) || error.code !== 'CAPACITY') throw error;
          faults.push(error);
        }
      }
      throw (
        faults[0] ??
        new GymwireError('SERVER_UNAVAILABLE', `no host of the fleet answers: ${book.missing.join('; ')}`)
      );
    },
    async makeVector(envId, makeOptions) {
      book.checkListener();
      const placer = new EnvPlacer(book, { envId, options: makeOptions }, options);
      return new FleetEnv(book, placer, options, await placer.placeAll());
    },
    ...(options.mode === 'elastic' && { strict: createFleet(book, { ...options, mode: 'strict' }) }),
    listen: (listener) => book.listen(listener),
    close: () => book.close(),
  };
}

/** What all of them can do, and as many environments as fit on them together. */
function describeTogether(hosts: readonly FleetHost[]): ServerDescription {
  const servers = hosts.map(({ server }) => server);
  const [first] = servers;
  const oldest = servers.reduce((a, b) => (b.protocolVersion.minor < a.protocolVersion.minor ? b : a), first);
  const names = [...new Set(servers.map(({ server }) => server))].join(', ');
  return {
    protocolVersion: oldest?.protocolVersion ?? { major: 1, minor: 0 },
    server: `a fleet of ${servers.length} (${names})`,
    capabilities: (first?.capabilities ?? []).filter((each) =>
      servers.every(({ capabilities }) => capabilities.includes(each)),
    ),
    maxMessageBytes: Math.min(...servers.map(({ maxMessageBytes }) => maxMessageBytes)),
    maxNumEnvs: hosts.reduce((sum, { room }) => sum + room, 0),
  };
}

async function listOfAll(hosts: readonly FleetHost[]): Promise<EnvSpec[]> {
  const [first = [], ...others] = await Promise.all(hosts.map(({ connection }) => connection.listEnvs()));
  return first.filter(({ id }) => others.every((specs) => specs.some((spec) => spec.id === id)));
}
