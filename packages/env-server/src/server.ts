/** A gymwire server: the service, its sessions, health and reflection on one port. */
import type { Socket } from 'node:net';
import { Server, type ServerOptions } from '@grpc/grpc-js';
import { envService, GymwireError } from '@gymwire/protocol';
import { HealthImplementation } from 'grpc-health-check';
import { pino } from 'pino';
import { builtinEnvs } from './envs/builtin-envs.ts';
import { beginServing } from './helpers/serving.ts';
import { createSessionStore } from './isolation/create-session-store.ts';
import { hearNotices } from './notices.ts';
import { Connections } from './net/connections.ts';
import { createInjector } from './net/http2-server.ts';
import { listen } from './net/listener.ts';
import { createEnvRegistry } from './registry.ts';
import { createTokenInterceptor } from './security/bearer-token.ts';
import { type EnvServerOptions, type ResolvedServerOptions, resolveServerOptions } from './server-options.ts';
import { createDecoders } from './service/decoders.ts';
import { asByteStreams } from './service/definition.ts';
import { createInteractHandler } from './service/interact.ts';
import { Places } from './service/line.ts';
import { LoopShares } from './service/loop-shares.ts';
import { Pace } from './service/pace.ts';
import { createReception } from './service/reception.ts';
import { addReflection } from './service/reflection.ts';
import { ReplyRoom } from './service/reply-room.ts';
import { SessionAccounts } from './service/session-account.ts';
import { createUnaryHandlers } from './service/unary.ts';
import { refuseWhileImporting } from './threads/import-registration.ts';

const serviceName = 'gymwire.v1.EnvService';

/** Of replies that have not left: from here on, requests of that connection wait, and those of all. */
const unreadBytesOfOne = 16 * 2 ** 20;
const unreadBytesOfAll = 256 * 2 ** 20;
/** Compressed requests of calls, each of which may become as large as a message may be. */
const unpackedAtOnce = 2;
/** Beside those that hold sessions. */
const callsAtOnce = 64;
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
   * `drainTimeoutMs` is over. Then it shuts down.
   */
  drain(): Promise<void>;
  /**
   * Takes no more sessions, lets requests that are under way finish, ends streams with SHUTTING_DOWN, closes
   * every simulator. A second call waits for the first.
   */
  shutdown(): Promise<void>;
}

/**
 * Starts serving.
 * @throws GymwireError INVALID_ARGUMENT for bad options, SERVER_UNAVAILABLE when the address cannot be bound
 */
export async function startEnvServer(options: EnvServerOptions = {}): Promise<EnvServer> {
  refuseWhileImporting();
  const resolved = resolveServerOptions(options);
  const log = options.logger ?? pino({ name: 'gymwire', level: 'warn' }, pino.destination(2));
  const registry = options.registry ?? createEnvRegistry(builtinEnvs);
  for (const warning of resolved.warnings) log.warn(warning);
  const store = createSessionStore(registry, resolved, log);
  const connections = new Connections(resolved.maxConnections, log);
  const context = {
    ...resolved,
    registry,
    store,
    log,
    connections,
    decoders: createDecoders(resolved.maxNumEnvs),
    shares: new LoopShares(),
    unpacking: new Places(unpackedAtOnce),
    replies: new ReplyRoom(unreadBytesOfOne, unreadBytesOfAll),
    pace: new Pace(),
    accounts: new SessionAccounts(),
  };
  const { handler, streams } = createInteractHandler(context);
  const server = new Server(serverOptions(resolved, context.pace));
  server.addService(asByteStreams(envService), { ...createUnaryHandlers(context), Interact: handler });
  const health = new HealthImplementation({ '': 'SERVING', [serviceName]: 'SERVING' });
  health.addToServer(server);
  addReflection(server);
  // TLS, where there is any, is spoken before gRPC sees a connection.
  const injector = createInjector(server, createReception(connections, context.shares, log));
  const { host, port: wantedPort, tls, drainTimeoutMs } = resolved;
  const open = (socket: Socket) => injector.injectConnection(socket);
  const listener = await listen({ host, port: wantedPort, tls, connections, open, log });
  const { port } = listener;
  beginServing();
  const stopHearing = hearNotices(({ message, fields }) => log.warn(fields, message));
  log.info({ host, port, envs: registry.list().map(({ id }) => id) }, 'serving');

  const refuseSessions = () => {
    store.drain();
    health.setStatus('', 'NOT_SERVING');
    health.setStatus(serviceName, 'NOT_SERVING');
  };
  const stop = async () => {
    log.info({ sessions: store.size }, 'shutting down');
    refuseSessions();
    listener.close();
    streams.endAll(new GymwireError('SHUTTING_DOWN', 'the server is shutting down'));
    if (!(await within(drainTimeoutMs, (done) => server.tryShutdown(() => done())))) server.forceShutdown();
    connections.endAll();
    // A simulator that hangs must not keep the server from ending.
    const closed = await within(drainTimeoutMs, (done) => void store.closeAll(drainTimeoutMs).then(done));
    if (!closed) log.warn('a simulator did not come back; it is abandoned');
    stopHearing();
  };
  let stopping: Promise<void> | undefined;
  const shutdown = () => {
    stopping ??= stop();
    return stopping;
  };
  const drain = async () => {
    log.info({ sessions: store.size, drainTimeoutMs }, 'draining');
    refuseSessions();
    await within(drainTimeoutMs, (done) => void store.whenEmpty().then(done));
    await shutdown();
  };
  let draining: Promise<void> | undefined;
  return {
    host,
    port,
    address: joinAddress(host, port),
    envIds: registry.list().map(({ id }) => id),
    get sessionCount() {
      return store.size;
    },
    drain() {
      draining ??= drain();
      return draining;
    },
    shutdown,
  };
}
function serverOptions(
  { maxMessageBytes, maxSessions, token }: ResolvedServerOptions,
  pace: Pace,
): ServerOptions {
  return {
    interceptors: [...(token === undefined ? [] : [createTokenInterceptor(token)]), pace.interceptor],
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    // Liveness comes from the connection, not from how often a client steps: a trainer may think for minutes.
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 20_000,
    // All sessions of a server may be on one connection.
    'grpc.max_concurrent_streams': maxSessions + callsAtOnce,
    'grpc.max_connection_idle_ms': idleConnectionMs,
    'grpc.enable_channelz': 0,
  };
}

function joinAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** @returns whether `start` called back in time */
async function within(timeoutMs: number, start: (done: () => void) => void): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const finished = new Promise<boolean>((resolve) => start(() => resolve(true)));
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const inTime = await Promise.race([finished, timeout]);
  clearTimeout(timer);
  return inTime;
}
