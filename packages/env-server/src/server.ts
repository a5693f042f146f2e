/** A gymwire server: the service, its sessions, health and reflection on one port. */
import { Server, type ServerOptions } from '@grpc/grpc-js';
import { GymwireError } from '@gymwire/protocol';
import { HealthImplementation } from 'grpc-health-check';
import { pino } from 'pino';
import { builtinEnvs } from './envs/builtin-envs.ts';
import { beginServing } from './helpers/serving.ts';
import { createSessionStore } from './isolation/create-session-store.ts';
import { hearNotices } from './notices.ts';
import { createEnvRegistry } from './registry.ts';
import { createTokenInterceptor } from './security/bearer-token.ts';
import { type EnvServerOptions, type ResolvedServerOptions, resolveServerOptions } from './server-options.ts';
import { createServiceDefinition } from './service/definition.ts';
import { createInteractHandler } from './service/interact.ts';
import { addReflection } from './service/reflection.ts';
import { createUnaryHandlers } from './service/unary.ts';
import { refuseWhileImporting } from './threads/import-registration.ts';

const serviceName = 'gymwire.v1.EnvService';

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
  const context = { registry, store, log, ...resolved };
  const { handler, streams } = createInteractHandler(context);
  const server = new Server(serverOptions(resolved));
  server.addService(createServiceDefinition(resolved.maxNumEnvs), {
    ...createUnaryHandlers(context),
    Interact: handler,
  });
  const health = new HealthImplementation({ '': 'SERVING', [serviceName]: 'SERVING' });
  health.addToServer(server);
  addReflection(server);
  const port = await bind(server, resolved);
  beginServing();
  const stopHearing = hearNotices(({ message, fields }) => log.warn(fields, message));
  log.info({ host: resolved.host, port, envs: registry.list().map(({ id }) => id) }, 'serving');

  const stop = async () => {
    log.info({ sessions: store.size }, 'shutting down');
    store.drain();
    health.setStatus('', 'NOT_SERVING');
    health.setStatus(serviceName, 'NOT_SERVING');
    streams.endAll(new GymwireError('SHUTTING_DOWN', 'the server is shutting down'));
    if (!(await within(resolved.drainTimeoutMs, (done) => server.tryShutdown(() => done()))))
      server.forceShutdown();
    // A simulator that hangs must not keep the server from ending.
    const closed = await within(
      resolved.drainTimeoutMs,
      (done) => void store.closeAll(resolved.drainTimeoutMs).then(done),
    );
    if (!closed) log.warn('a simulator did not come back; it is abandoned');
    stopHearing();
  };
  let stopping: Promise<void> | undefined;
  return {
    host: resolved.host,
    port,
    address: joinAddress(resolved.host, port),
    envIds: registry.list().map(({ id }) => id),
    get sessionCount() {
      return store.size;
    },
    shutdown() {
      stopping ??= stop();
      return stopping;
    },
  };
}

function serverOptions({ maxMessageBytes, token }: ResolvedServerOptions): ServerOptions {
  return {
    ...(token !== undefined && { interceptors: [createTokenInterceptor(token)] }),
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    // Liveness comes from the connection, not from how often a client steps: a trainer may think for minutes.
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 20_000,
    'grpc.so_reuseport': 0,
  };
}

function joinAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function bind(server: Server, { host, port, credentials }: ResolvedServerOptions): Promise<number> {
  const address = joinAddress(host, port);
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error === null) {
        resolve(bound);
        return;
      }
      reject(
        new GymwireError('SERVER_UNAVAILABLE', `cannot listen on ${address}: ${error.message}`, {
          cause: error,
        }),
      );
    });
  });
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
