/** The end of a server, in good order. */
import type { Server } from '@grpc/grpc-js';
import { GymwireError } from '@gymwire/protocol';
import type { HealthImplementation } from 'grpc-health-check';
import type { Logger } from 'pino';
import type { Connections } from './net/connections.ts';
import type { Listener } from './net/listener.ts';
import type { OpenStreams } from './service/interact.ts';
import type { SessionStore } from './session/session-store.ts';

export const serviceName = 'gymwire.v1.EnvService';

interface Parts {
  readonly server: Server;
  readonly listener: Listener;
  readonly connections: Connections;
  readonly streams: OpenStreams;
  readonly store: SessionStore;
  readonly health: HealthImplementation;
  readonly log: Logger;
  readonly drainTimeoutMs: number;
  readonly onEnd: () => void;
}

export interface ServerLife {
  drain(): Promise<void>;
  shutdown(): Promise<void>;
}

export function createServerLife(parts: Parts): ServerLife {
  const { store, health, log, drainTimeoutMs } = parts;
  const refuseSessions = () => {
    store.drain();
    health.setStatus('', 'NOT_SERVING');
    health.setStatus(serviceName, 'NOT_SERVING');
  };
  const shutdown = once(async () => {
    log.info({ sessions: store.size }, 'shutting down');
    refuseSessions();
    await end(parts);
    parts.onEnd();
  });
  const drain = once(async () => {
    log.info({ sessions: store.size, drainTimeoutMs }, 'draining');
    refuseSessions();
    await within(drainTimeoutMs, (done) => void store.whenEmpty().then(done));
    await shutdown();
  });
  return { drain, shutdown };
}

async function end({
  server,
  listener,
  connections,
  streams,
  store,
  log,
  drainTimeoutMs,
}: Parts): Promise<void> {
  listener.close();
  streams.endAll(new GymwireError('SHUTTING_DOWN', 'the server is shutting down'));
  if (!(await within(drainTimeoutMs, (done) => server.tryShutdown(() => done())))) server.forceShutdown();
  connections.endAll();
  // A simulator that hangs must not keep the server from ending.
  const closed = await within(drainTimeoutMs, (done) => void store.closeAll(drainTimeoutMs).then(done));
  if (!closed) log.warn('a simulator did not come back; it is abandoned');
}

/** The first call's work, whoever calls. */
function once(work: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => {
    result ??= work();
    return result;
  };
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
