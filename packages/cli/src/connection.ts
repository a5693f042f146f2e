/** A server to talk to: the one that was named, or one of our own in a worker thread. Both through gRPC. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import {
  type ConnectOptions,
  connect,
  connectFleet,
  type EnvConnection,
  type ReconnectEvent,
} from '@gymwire/agent-sdk';
import { describeFleetEvent, describeReconnect } from '@gymwire/agent-sdk/parts';
import { threadFlags } from '@gymwire/env/host';
import { GymwireError, nearestName } from '@gymwire/protocol';
import type { Output } from './output.ts';
import { connectOptions, type FleetFlags, fleetServers } from './server-flags.ts';
import { UsageError } from './usage-error.ts';

export interface ServerLink {
  readonly connection: EnvConnection;
  /** The server, for people: "127.0.0.1:50051", several of them, or that it is our own. */
  readonly description: string;
  /** Ctrl-C: calls wait no more for a connection that is broken, and fail with CANCELLED. */
  stopReconnecting(): void;
  close(): Promise<void>;
}

/**
 * Without `flags.server`: starts our own.
 * @param source what names the environment, where no flag does: a run's folder, a policy's file
 * @param envThreads of our own server; default: as many as there are cores
 * @throws UsageError for flags that say how to reach a server, when none is named
 */
export async function linkServer(
  flags: FleetFlags,
  note: Output['note'],
  source?: string,
  envThreads?: number,
): Promise<ServerLink> {
  const options = await reachOptions(flags);
  const servers = fleetServers(flags);
  const { server: address, fleetMode: mode } = flags;
  if (servers !== undefined || address !== undefined) {
    const waiting = new AbortController();
    const heard = {
      ...options,
      onReconnect: (event: ReconnectEvent) => note(describeReconnect(event)),
      reconnectSignal: waiting.signal,
    };
    const connection =
      servers === undefined
        ? await connect(address ?? '', heard)
        : await connectFleet(servers, {
            ...heard,
            ...(mode !== undefined && { mode }),
            onFleet: (event) => note(describeFleetEvent(event)),
          });
    return {
      connection,
      description: `${connection.server.server} at ${connection.address}`,
      stopReconnecting: () => waiting.abort(),
      close: async () => connection.close(),
    };
  }
  const own = await startOwnServer(note, envThreads);
  try {
    const connection = await connect(own.address, options);
    return {
      connection: explainingUnknown(connection, source),
      description: `its own server at ${own.address}`,
      stopReconnecting: () => undefined,
      async close() {
        connection.close();
        await own.stop();
      },
    };
  } catch (error) {
    await own.stop();
    throw error;
  }
}

/** @throws UsageError for flags that say how to reach a server, when none is named; AgentError FILE_UNREADABLE */
export async function reachOptions(flags: FleetFlags): Promise<ConnectOptions> {
  const options = await connectOptions(flags);
  const isNamed = flags.server !== undefined || flags.serversFile !== undefined;
  const reaches = options.token !== undefined || options.tls !== undefined || options.insecure === true;
  if (!isNamed && reaches) {
    throw new UsageError(
      '--token-file, --tls…, --ca and --insecure belong to a server: name it with --server',
    );
  }
  return options;
}

/** Whoever forgot --server does not know of this one. */
function explainingUnknown(connection: EnvConnection, source: string | undefined): EnvConnection {
  const explain =
    (envId: string) =>
    async (cause: unknown): Promise<never> => {
      if (!(cause instanceof GymwireError) || cause.code !== 'UNKNOWN_ENV') throw cause;
      const named = source === undefined ? '' : ` (that of ${source})`;
      const where = `no environment ${JSON.stringify(envId)}${named} on the command's own server`;
      const known = (await connection.listEnvs()).map(({ id }) => id);
      const nearest = nearestName(envId, known);
      throw new GymwireError(
        'UNKNOWN_ENV',
        nearest === undefined
          ? `${where}, which has the built-in environments only (gymwire envs lists them): name yours with --server`
          : `${where}: did you mean ${nearest}? (an environment of yours: name its server with --server)`,
        { cause, details: cause.details, origin: cause.origin },
      );
    };
  return {
    ...connection,
    make: (envId, options) => connection.make(envId, options).catch(explain(envId)),
    makeVector: (envId, options) => connection.makeVector(envId, options).catch(explain(envId)),
  };
}

/** In a worker thread. @throws what keeps it from starting */
async function startOwnServer(
  note: Output['note'],
  envThreads: number | undefined,
): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const worker = new Worker(new URL('./server-thread.js', import.meta.url), {
    ...threadFlags(process.execArgv),
    workerData: { envThreads },
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  // A thread that fails to start rejects here.
  const [address] = (await once(worker, 'message')) as [string];
  // Later its clients learn that it is gone; without a listener the whole command would end here and now.
  worker.on('error', (error) => note(`the command's own server failed: ${error.message}`));
  return {
    address,
    async stop() {
      worker.postMessage('shutdown');
      await ended;
    },
  };
}
