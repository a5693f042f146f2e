/** All connections of a server: how many there may be, who has to go for a new one, and who has gone already. */
import type { Socket } from 'node:net';
import { GymwireError } from '@gymwire/protocol';
import type { Logger } from 'pino';
import { complain } from '../complaints.ts';
import { Connection } from './connection.ts';

/** Connections above the cap that are told so: without a word, clients would take the server for dead. */
export const maxSurplus = 32;
/** Calls of all connections that wait; from then on, only those that have few of them may add one. */
const maxWaiting = 2048;
const fewWaiting = 4;
const defaultPulseMs = 1000;
/** What happens in floods is told in one line for so long. */
const reportMs = 10_000;

export class Connections {
  readonly #maxConnections: number;
  readonly #log: Logger;
  /** By name; the oldest first. */
  readonly #byName = new Map<string, Connection>();
  readonly #timer: NodeJS.Timeout;
  #waiting = 0;
  #surplus: Connection[] = [];
  #refused = 0;
  #reportAt = 0;

  /** @param pulseMs the unit of a connection's time limits: a second, but in tests */
  constructor(maxConnections: number, log: Logger, pulseMs: number = defaultPulseMs) {
    this.#maxConnections = maxConnections;
    this.#log = log;
    this.#timer = setInterval(() => this.#feelPulses(), pulseMs).unref();
  }

  get size(): number {
    return this.#byName.size;
  }

  /**
   * A connection has been accepted. Where there are as many as there may be, one that nobody uses ends for it; when
   * all are in use, it is surplus.
   */
  admit(socket: Socket, isPlain: boolean): Connection {
    const isSurplus = this.size - this.#surplus.length >= this.#maxConnections && !this.#makeRoom();
    const connection = new Connection(socket, { isPlain, isSurplus });
    if (isSurplus) this.#addSurplus(connection);
    const name = nameOf(socket);
    this.#byName.set(name, connection);
    socket.once('close', () => {
      if (isSurplus) this.#surplus = this.#surplus.filter((other) => other !== connection);
      if (this.#byName.get(name) === connection) this.#byName.delete(name);
    });
    return connection;
  }

  /** @param name from `nameOf` */
  find(name: string): Connection | undefined {
    return this.#byName.get(name);
  }

  /**
   * A call waits until its work begins.
   * @returns to be called when it does not wait any more
   * @throws GymwireError CAPACITY
   */
  waitOn(connection: Connection): () => void {
    if (this.#waiting >= maxWaiting && connection.waiting >= fewWaiting) {
      throw new GymwireError(
        'CAPACITY',
        `${this.#waiting} calls wait at this server, ${connection.waiting} of them from this connection`,
      );
    }
    this.#waiting += 1;
    connection.waiting += 1;
    let isWaiting = true;
    return () => {
      if (!isWaiting) return;
      isWaiting = false;
      this.#waiting -= 1;
      connection.waiting -= 1;
    };
  }

  endAll(): void {
    clearInterval(this.#timer);
    for (const connection of this.#byName.values()) connection.end();
  }

  #addSurplus(connection: Connection): void {
    this.#refused += 1;
    this.#report();
    this.#surplus.push(connection);
    // It has had its time to hear why.
    if (this.#surplus.length > maxSurplus) this.#surplus.shift()?.end();
  }

  /** The one that has made no call for the longest time has to go. */
  #makeRoom(): boolean {
    let spare: [name: string, connection: Connection] | undefined;
    for (const entry of this.#byName) {
      const [, { isIdle, usedAt, isSurplus }] = entry;
      if (isIdle && !isSurplus && (spare === undefined || usedAt < spare[1].usedAt)) spare = entry;
    }
    if (spare === undefined) return false;
    this.#byName.delete(spare[0]);
    spare[1].end();
    return true;
  }

  #feelPulses(): void {
    for (const connection of this.#byName.values()) {
      if (connection.feelPulse()) {
        complain(
          this.#log,
          'unread replies',
          {},
          'a connection was ended: its client asked for replies and did not read them',
        );
      }
    }
    this.#report();
  }

  #report(): void {
    const now = performance.now();
    if (this.#refused === 0 || now < this.#reportAt) return;
    this.#log.warn(
      { refused: this.#refused, maxConnections: this.#maxConnections },
      'connections refused: as many are open as there may be',
    );
    this.#refused = 0;
    this.#reportAt = now + reportMs;
  }
}

/** Both ends: one alone may be the same for two connections of a machine with several addresses. */
export function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Partial<Ends>): string {
  return `${remoteAddress}:${remotePort}>${localAddress}:${localPort}`;
}

type Ends = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;
