import type { EnvConnection } from './connection.ts';
import { untilAborted } from './until-aborted.ts';

export interface OpenedConnection {
  readonly connection: EnvConnection;
  /** Closes what was opened here; a connection of the caller's stays open. */
  close(): void;
  /** What still needs the connection, and nobody waits for: it is closed after that. */
  follow(work: Promise<unknown>): void;
}

const noop = () => undefined;

/**
 * A connection whose makes end with the signal, and whose sessions wait no more for a broken connection then. A session
 * that is made too late is closed; what closes the connection waits for that, unseen.
 */
export function hearSignal(
  connection: EnvConnection,
  signal: AbortSignal,
  close: () => void,
): OpenedConnection {
  const underWay = new Set<Promise<unknown>>();
  const follow = (work: Promise<unknown>) => {
    const over: Promise<void> = work.then(noop, noop).then(() => void underWay.delete(over));
    underWay.add(over);
  };
  const hear = (heard: EnvConnection): EnvConnection => ({
    get address() {
      return heard.address;
    },
    get server() {
      return heard.server;
    },
    listEnvs: () => heard.listEnvs(),
    make: (...args) => heard.make(...args),
    makeVector(envId, options) {
      const make = () => {
        const making = heard.makeVector(envId, { ...options, reconnectSignal: signal });
        follow(making);
        return making;
      };
      return untilAborted(signal, make, (env) => follow(env.close()));
    },
    ...(heard.strict !== undefined && { strict: hear(heard.strict) }),
    ...(heard.listen !== undefined && { listen: (listener) => heard.listen?.(listener) ?? noop }),
    close: () => heard.close(),
  });
  const closeWhenDone = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
    close();
  };
  return {
    connection: hear(connection),
    close: () => (underWay.size === 0 ? close() : void closeWhenDone()),
    follow,
  };
}
