/** The end of a server, in good order. */
import type { Server } from '@grpc/grpc-js';
import { GymwireError } from '@gymwire/protocol';
import type { Logger } from 'pino';
import type { Health } from './health.ts';
import type { HostedWork } from './hosted-work.ts';
import type { Connections } from './net/connections.ts';
import type { Listener } from './net/listener.ts';

interface Parts {
  readonly server: Server;
  readonly listener: Listener;
  readonly connections: Connections;
  readonly work: HostedWork;
  readonly health: Health;
  readonly log: Logger;
  readonly drainTimeoutMs: number;
}

export interface ServerLife {
  /**
   * Says NOT_SERVING and takes nothing new on; what is open may go on until it ends by itself, or `drainTimeoutMs` is
   * over. Then it shuts down. A second call waits for the first.
   */
  drain(): Promise<void>;
  /** Lets requests that are under way finish, ends streams with SHUTTING_DOWN, closes what is open. */
  shutdown(): Promise<void>;
}

export function createServerLife(parts: Parts): ServerLife {
  const { work, health, log, drainTimeoutMs } = parts;
  const refuse = () => {
    work.refuse();
    health.set('NOT_SERVING');
  };
  const shutdown = once(async () => {
    log.info(work.fields(), 'shutting down');
    refuse();
    await end(parts);
  });
  const drain = once(async () => {
    log.info({ ...work.fields(), drainTimeoutMs }, 'draining');
    refuse();
    await within(drainTimeoutMs, (done) => void work.whenEmpty().then(done));
    await shutdown();
  });
  return { drain, shutdown };
}

async function end({
  server,
  listener,
  connections,
  work,
  health,
  log,
  drainTimeoutMs,
}: Parts): Promise<void> {
  listener.close();
  const reason = new GymwireError('SHUTTING_DOWN', 'the server is shutting down');
  work.endStreams(reason);
  health.endWatches(reason);
  if (!(await within(drainTimeoutMs, (done) => server.tryShutdown(() => done())))) server.forceShutdown();
  connections.endAll();
  // What hangs must not keep the server from ending.
  const closed = await within(drainTimeoutMs, (done) => void work.closeAll(drainTimeoutMs).then(done));
  if (!closed) log.warn(work.abandoned);
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
