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
  #server: ServerDescription;
  /** That were free before anything was placed. */
  #freeEnvs: number;
  #isLeft = false;

  constructor(listed: ListedHost, connection: EnvConnection) {
    this.listed = listed;
    this.connection = connection;
    this.#server = connection.server;
    this.#freeEnvs = connection.server.freeEnvs ?? Infinity;
  }

  get name(): string {
    return this.listed.name;
  }

  get server(): ServerDescription {
    return this.#server;
  }

  /** It answers, but is not used: nothing new is made on it. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** What it said that it is made for; a server that does not say so counts as one. */
  get capacity(): number {
    return this.server.capacity ?? 1;
  }

  /** How many environments more fit, as far as is known: others may use it too, and it has the last word. */
  get room(): number {
    return Math.max(0, Math.min(this.server.maxNumEnvs, this.#freeEnvs - this.placed));
  }

  /** What it says of itself now: others come and go, too. */
  hear(server: ServerDescription): void {
    this.#server = server;
    this.#freeEnvs = (server.freeEnvs ?? Infinity) + this.placed;
  }

  /** Closes its connection once nothing is on it any more. */
  leave(): void {
    this.#isLeft = true;
    this.closeIfLeft();
  }

  closeIfLeft(): void {
    if (this.#isLeft && this.placed === 0) this.connection.close();
  }
}

/** Returns whether a session's fault says that its place is gone, so that another one may be found: not that a call was wrong. */
export function isPlaceLoss(error: unknown, host: FleetHost): error is GymwireError {
  if (!(error instanceof GymwireError)) return false;
  if (error.code === 'CANCELLED') return host.isLost;
  return isPlaceGone(error);
}
