import { GymwireError, type ServerDescription } from '@gymwire/protocol';
import type { EnvConnection } from '../env-client/connection.ts';
import { isPlaceGone } from '../env-client/recovery.ts';
import type { ListedHost } from './server-list.ts';
import type { Shareholder } from './share-out.ts';

/** A server of a fleet that answered, and what was made on it. */
export class FleetHost implements Shareholder {
  readonly listed: ListedHost;
  readonly connection: EnvConnection;
  /** Environments of this fleet that are on it, or being made. */
  placed = 0;
  /** Set once: whoever still waits for something there need not. */
  isLost = false;
  /** It answers, but what it makes is of another kind: nothing new is made on it. */
  isBanned = false;

  constructor(listed: ListedHost, connection: EnvConnection) {
    this.listed = listed;
    this.connection = connection;
  }

  get name(): string {
    return this.listed.name;
  }

  get server(): ServerDescription {
    return this.connection.server;
  }

  /** What it said that it is made for; a server that does not say so counts as one. */
  get capacity(): number {
    return this.server.capacity ?? 1;
  }

  /** How many environments more fit, as far as is known: others may use it too, and it has the last word. */
  get room(): number {
    const { freeEnvs = Infinity, maxNumEnvs } = this.server;
    return Math.max(0, Math.min(maxNumEnvs, freeEnvs - this.placed));
  }
}

/** Returns whether a session's fault says that its place is gone, so that another one may be found: not that a call was wrong. */
export function isPlaceLoss(error: unknown, host: FleetHost): error is GymwireError {
  if (!(error instanceof GymwireError)) return false;
  if (error.code === 'CANCELLED') return host.isLost;
  return isPlaceGone(error);
}
