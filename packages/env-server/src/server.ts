/** A gymwire server: the service, its sessions, health and reflection on one port. */
import { beginServing, hearNotices } from '@gymwire/env/host';
import { type HostContext, type HostedServices, startGrpcHost } from '@gymwire/grpc-host';
import { envService, operatorService } from '@gymwire/protocol/wire';
import { type Logger, pino } from 'pino';
import { reflectedFiles } from './generated/reflected-files.ts';
import { createSessionStore } from './isolation/create-session-store.ts';
import { type EnvServerOptions, type ResolvedServerOptions, resolveServerOptions } from './server-options.ts';
import { createContext } from './service/context.ts';
import { createInteractHandler } from './service/interact.ts';
import { createOperatorHandlers } from './service/operator.ts';
import { createUnaryHandlers } from './service/unary.ts';
import type { SessionStore } from './session/session-store.ts';
import { refuseWhileImporting } from './threads/import-registration.ts';

/** A server that is listening. */
export interface EnvServer {
  /** The host that it listens on, or "unix:" and the path of its socket. */
  readonly host: string;
  /** The port that it listens on, also where 0 was given; of a Unix socket 0, since it has none. */
  readonly port: number;
  /** "127.0.0.1:50051" or "unix:/run/gym.sock", what clients connect to. */
  readonly address: string;
  /** What it serves. */
  readonly envIds: readonly string[];
  /** Sessions open now. */
  readonly sessionCount: number;
  /**
   * Says NOT_SERVING and takes no more sessions; those that are open may go on until they end by themselves, or
   * `drainTimeoutMs` is over. Then it shuts down. A second call waits for the first.
   */
  drain(): Promise<void>;
  /**
   * Takes no more sessions, lets requests that are under way finish, ends streams with SHUTTING_DOWN, closes
   * every simulator. A second call waits for the first.
   */
  shutdown(): Promise<void>;
}

/**
 * Starts serving. What environments throw in their methods fails a request; what they throw outside of every call (in a
 * timer, or as a rejection where nobody listens) is Node's to handle, and ends the process unless they are isolated:
 * handlers for that are the program's to install.
 * @throws GymwireError INVALID_ARGUMENT for bad options, SERVER_UNAVAILABLE when the address cannot be bound
 */
export async function startEnvServer(options: EnvServerOptions): Promise<EnvServer> {
  refuseWhileImporting();
  const resolved = resolveServerOptions(options);
  const log = options.logger ?? pino({ name: 'gymwire', level: 'warn' }, pino.destination(2));
  const store = createSessionStore(resolved.registry, resolved, log);
  const host = await startGrpcHost({
    options: resolved,
    log,
    services: (context) => servicesOf(context, resolved, store),
    serviceNames: ['gymwire.v1.EnvService'],
    ownTokens: { 'gymwire.v1.OperatorService': resolved.operatorToken },
    reflectedFiles: filesFor(resolved),
    // All sessions of a server may be on one connection.
    longCallsAtOnce: resolved.maxSessions,
  });
  return serving(host, resolved, store, log);
}

type Host = Awaited<ReturnType<typeof startGrpcHost>>;

function serving(
  host: Host,
  { registry }: ResolvedServerOptions,
  store: SessionStore,
  log: Logger,
): EnvServer {
  beginServing();
  const stopHearing = hearNotices(({ message, fields }) => log.warn(fields, message));
  const envIds = registry.list().map(({ id }) => id);
  log.info({ host: host.host, port: host.port, envs: envIds }, 'serving');
  const andStopHearing = (end: () => Promise<void>) => () => end().finally(stopHearing);
  return {
    ...host,
    envIds,
    get sessionCount() {
      return store.size;
    },
    drain: andStopHearing(host.drain),
    shutdown: andStopHearing(host.shutdown),
  };
}

function servicesOf(host: HostContext, resolved: ResolvedServerOptions, store: SessionStore): HostedServices {
  const context = createContext(host, { ...resolved, store });
  const { handler, streams } = createInteractHandler(context);
  const clients = {
    definition: envService,
    handlers: { ...createUnaryHandlers(context), Interact: handler },
  };
  const operators = { definition: operatorService, handlers: createOperatorHandlers(context) };
  return {
    services: resolved.operatorToken === undefined ? [clients] : [clients, operators],
    work: {
      refuse: () => store.drain(),
      whenEmpty: () => store.whenEmpty(),
      endStreams: (error) => streams.endAll(error),
      closeAll: (patienceMs) => store.closeAll(patienceMs),
      fields: () => ({ sessions: store.size }),
      abandoned: 'a simulator did not come back; it is abandoned',
    },
  };
}

/** Name of the .proto file that only servers with an operator's token tell of. */
const operatorFile = 'gymwire/v1/operator.proto';

function filesFor({ operatorToken }: ResolvedServerOptions): readonly string[] {
  return Object.entries(reflectedFiles)
    .filter(([name]) => operatorToken !== undefined || name !== operatorFile)
    .map(([, file]) => file);
}
