/** A gymwire server: the service, its sessions, health and reflection on one port. */
import { Server, type ServerOptions } from '@grpc/grpc-js';
import { beginServing, hearNotices } from '@gymwire/env/host';
import { envService, operatorService } from '@gymwire/protocol/wire';
import { HealthImplementation } from 'grpc-health-check';
import { pino } from 'pino';
import { createSessionStore } from './isolation/create-session-store.ts';
import { Connections } from './net/connections.ts';
import { createInjector } from './net/http2-server.ts';
import { listen } from './net/listener.ts';
import { createTokenCheck } from './security/bearer-token.ts';
import { createServerLife, serviceName } from './server-life.ts';
import { type EnvServerOptions, type ResolvedServerOptions, resolveServerOptions } from './server-options.ts';
import { asByteStreams } from './service/byte-stream.ts';
import { createContext, type ServiceContext } from './service/context.ts';
import { Gate } from './service/gate.ts';
import { createInteractHandler } from './service/interact.ts';
import { createOperatorHandlers } from './service/operator.ts';
import { createReception } from './service/reception.ts';
import { addReflection } from './service/reflection.ts';
import { createUnaryHandlers } from './service/unary.ts';
import { refuseWhileImporting } from './threads/import-registration.ts';

/** Of one connection, beside those that hold sessions: all sessions of a server may be on one. */
const otherCallsAtOnce = 64;
/** A connection without calls; gRPC opens another one when it needs it. */
const idleConnectionMs = 5 * 60_000;

/** A server that is listening. */
export interface EnvServer {
  readonly host: string;
  readonly port: number;
  /** "127.0.0.1:50051", what clients connect to. */
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
  const { registry } = resolved;
  for (const warning of resolved.warnings) log.warn(warning);
  const store = createSessionStore(registry, resolved, log);
  const connections = new Connections(resolved.maxConnections, log);
  const gate = new Gate(createTokenCheck(resolved));
  const context = createContext({ ...resolved, store, log, connections, gate });
  const callsAtOnce = resolved.maxSessions + otherCallsAtOnce;
  const server = new Server(serverOptions(resolved, gate, callsAtOnce));
  const { streams, health } = addServices(server, context, resolved);
  const injector = createInjector(server, createReception(connections, context.shares, callsAtOnce, log));
  const { host, tls, drainTimeoutMs } = resolved;
  const listener = await listen({
    host,
    port: resolved.port,
    tls,
    connections,
    open: (socket) => injector.injectConnection(socket),
    log,
  });
  const { port } = listener;
  beginServing();
  const stopHearing = hearNotices(({ message, fields }) => log.warn(fields, message));
  log.info({ host, port, envs: registry.list().map(({ id }) => id) }, 'serving');
  const life = createServerLife({
    server,
    listener,
    connections,
    streams,
    store,
    health,
    log,
    drainTimeoutMs,
    onEnd: stopHearing,
  });
  return {
    host,
    port,
    address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    envIds: registry.list().map(({ id }) => id),
    get sessionCount() {
      return store.size;
    },
    ...life,
  };
}

function addServices(server: Server, context: ServiceContext, { operatorToken }: ResolvedServerOptions) {
  const { handler, streams } = createInteractHandler(context);
  server.addService(asByteStreams(envService), { ...createUnaryHandlers(context), Interact: handler });
  const isOperated = operatorToken !== undefined;
  if (isOperated) server.addService(asByteStreams(operatorService), createOperatorHandlers(context));
  const health = new HealthImplementation({ '': 'SERVING', [serviceName]: 'SERVING' });
  health.addToServer(server);
  addReflection(server, isOperated);
  return { streams, health };
}

function serverOptions(
  { maxMessageBytes }: ResolvedServerOptions,
  gate: Gate,
  callsAtOnce: number,
): ServerOptions {
  return {
    interceptors: [gate.interceptor],
    'grpc.max_receive_message_length': maxMessageBytes,
    // Replies are measured before: gRPC's own end of a stream has no code of ours.
    'grpc.max_send_message_length': -1,
    // Liveness comes from the connection, not from how often a client steps: a trainer may think for minutes.
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 20_000,
    'grpc.max_concurrent_streams': callsAtOnce,
    'grpc.max_connection_idle_ms': idleConnectionMs,
    'grpc.enable_channelz': 0,
  };
}
