import { GymwireError, messageOf } from '@gymwire/protocol';
import { connect } from '../env-client/connection.ts';
import { type ConnectionEvent, type FleetEvent, Listeners } from '../env-client/connection-event.ts';
import { isBreak } from '../env-client/recovery.ts';
import { isThenable } from '../is-thenable.ts';
import { FleetHost } from './fleet-host.ts';
import type { ResolvedFleetOptions } from './fleet-options.ts';
import type { createServerList, ListedHost, UnknownName } from './server-list.ts';

/** A host that was refused is tried again after so many: whoever mends and restarts it need not restart the run. */
const quietIntervals = 3;

/** The hosts of a fleet as they come and go: who is on the list, who answers, who was lost. */
export class HostBook {
  readonly #list: ReturnType<typeof createServerList>;
  readonly #options: ResolvedFleetOptions;
  readonly #connected = new Map<string, FleetHost>();
  /** Names of those that are listed and not used, with the reason that was told. */
  readonly #missing = new Map<string, string>();
  /** Those that are not used for what they made, and when they may be tried again. */
  readonly #quietUntil = new Map<string, number>();
  /** Not used any more, and perhaps with environments on them still. */
  readonly #left = new Set<FleetHost>();
  readonly #asked = new Map<FleetHost, Promise<void>>();
  readonly #told = new Set<string>();
  readonly #listeners = new Listeners<ConnectionEvent>();
  readonly #slow = new Set<string>();
  #order: readonly string[] = [];
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #fault: GymwireError | undefined;
  #isClosed = false;

  constructor(list: ReturnType<typeof createServerList>, options: ResolvedFleetOptions) {
    this.#list = list;
    this.#options = options;
  }

  /** Those that answer and may be used, in the order of the list. */
  get hosts(): readonly FleetHost[] {
    return this.#order.flatMap((name) => this.#connected.get(name) ?? []);
  }

  /** Those that are listed and cannot be used, with the reason. */
  get missing(): readonly string[] {
    return [...this.#missing].map(([name, reason]) => `${name}: ${reason}`);
  }

  /** @throws GymwireError INTERNAL once whoever listens has failed */
  checkListener(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  /**
   * Connects to all that are listed. Hosts that are not there yet are told and tried again.
   * @throws what the first one failed with, where none answers, or where one answers that cannot be used; as reading the list does
   */
  async open(): Promise<void> {
    const { hosts, unknown, warnings } = await this.#list.read();
    this.#order = hosts.map(({ name }) => name);
    this.#warn(warnings);
    for (const { name, fault } of unknown) this.#missing.set(name, fault.message);
    const faults = await Promise.all(hosts.map((host) => this.#connect(host)));
    const setUp = faults.find((fault) => fault !== undefined && !isAway(fault));
    const all: unknown = this.#connected.size === 0 ? (faults[0] ?? unknown[0]?.fault) : undefined;
    if (setUp !== undefined || all !== undefined) {
      this.close();
      throw setUp ?? all;
    }
    for (const [name, reason] of this.#missing) this.tell({ type: 'lost', host: name, reason });
    this.#timer = setInterval(() => void this.refresh(), this.#options.watchIntervalMs).unref();
  }

  /** Reads the list again, connects to whom it names and nobody is connected to, and lets go of whom it no longer names. */
  refresh(): Promise<void> {
    this.#reading ??= this.#refresh().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /**
   * Asks a host whose session failed whether it is still there.
   * @returns whether it may be used; one that does not answer is lost
   */
  async examine(host: FleetHost, reason: string): Promise<boolean> {
    if (host.isLost) return false;
    try {
      const { address, options } = host.listed;
      (await connect(address, options)).close();
      return !host.isLost;
    } catch {
      this.#lose(host, reason);
      return false;
    }
  }

  /** Asks those that are used what is free there now: who else used them may be gone. One that does not answer keeps what it said. */
  async askAgain(): Promise<void> {
    await Promise.all(this.hosts.map((host) => this.#ask(host)));
  }

  /** Nothing new is made on a host that answers and makes something else than the others, or nothing; until it is tried again. */
  ban(host: FleetHost, reason: string): void {
    if (host.isLeft) return;
    const { name } = host;
    if (this.#connected.get(name) === host) this.#connected.delete(name);
    this.#missing.set(name, reason);
    this.#quietUntil.set(name, performance.now() + quietIntervals * this.#options.watchIntervalMs);
    this.#left.add(host);
    host.leave();
    this.tell({ type: 'refused', host: name, reason });
  }

  /** Also of what happens to the sessions of its hosts. @param listener must not throw @returns what ends it */
  listen(listener: (event: ConnectionEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** A step went on without it. */
  lag({ name }: FleetHost): void {
    if (this.#slow.has(name)) return;
    this.#slow.add(name);
    this.tell({ type: 'slow', host: name });
  }

  tell(event: FleetEvent): void {
    this.#listeners.tell(event);
    const fail = (cause: unknown) => {
      const message = `onFleet failed at the event "${event.type}": ${messageOf(cause)}`;
      this.#fault ??= new GymwireError('INTERNAL', message, { cause });
    };
    try {
      const told = this.#options.onFleet(event);
      if (isThenable(told)) void Promise.resolve(told).catch(fail);
    } catch (cause) {
      fail(cause);
    }
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const host of [...this.#connected.values(), ...this.#left]) host.connection.close();
    this.#connected.clear();
    this.#left.clear();
  }

  #ask(host: FleetHost): Promise<void> {
    const { address, options } = host.listed;
    const ask = async () => {
      try {
        const connection = await connect(address, options);
        host.hear(connection.server);
        connection.close();
      } catch {
        // Whether it is gone, making something there shows.
      }
    };
    const asked = this.#asked.get(host) ?? ask().finally(() => this.#asked.delete(host));
    this.#asked.set(host, asked);
    return asked;
  }

  async #refresh(): Promise<void> {
    let hosts: readonly ListedHost[];
    let unknown: readonly UnknownName[];
    try {
      const list = await this.#list.read();
      ({ hosts, unknown } = list);
      this.#warn(list.warnings);
    } catch (error) {
      // It may be in the middle of being written: what was known goes on.
      this.#warn([`the list of servers cannot be read again: ${messageOf(error)}`]);
      return;
    }
    if (this.#isClosed) return;
    const names = new Set([...hosts, ...unknown].map(({ name }) => name));
    for (const name of this.#missing.keys()) if (!names.has(name)) this.#missing.delete(name);
    for (const { name, fault } of unknown) {
      if (!this.#missing.has(name)) this.tell({ type: 'lost', host: name, reason: fault.message });
      this.#missing.set(name, fault.message);
    }
    // What runs on a host that is no longer listed goes on there; nothing new is made on it.
    this.#order = hosts.map(({ name }) => name);
    for (const host of this.#left) if (host.placed === 0) this.#left.delete(host);
    const now = performance.now();
    const newcomers = hosts.filter(
      ({ name }) => !this.#connected.has(name) && (this.#quietUntil.get(name) ?? 0) <= now,
    );
    await Promise.all(
      newcomers.map(async (host) => {
        const known = this.#missing.get(host.name);
        const fault = await this.#connect(host);
        if (fault === undefined) {
          this.tell({ type: 'joined', host: host.name });
        } else if (known === undefined) {
          this.tell({ type: isAway(fault) ? 'lost' : 'refused', host: host.name, reason: messageOf(fault) });
        }
      }),
    );
  }

  /** @returns what it failed with */
  async #connect(listed: ListedHost): Promise<unknown> {
    const { name, address, options } = listed;
    try {
      const connection = await connect(address, options);
      if (this.#isClosed) {
        connection.close();
        return undefined;
      }
      connection.listen?.((event) => this.#listeners.tell(event));
      this.#missing.delete(name);
      this.#quietUntil.delete(name);
      this.#connected.set(name, new FleetHost(listed, connection));
      return undefined;
    } catch (error) {
      this.#missing.set(name, messageOf(error));
      return error;
    }
  }

  /** Its calls end now, also those of others who still hope for it. */
  #lose(host: FleetHost, reason: string): void {
    if (host.isLost) return;
    host.isLost = true;
    if (this.#connected.get(host.name) === host) this.#connected.delete(host.name);
    this.#missing.set(host.name, reason);
    host.connection.close();
    this.tell({ type: 'lost', host: host.name, reason });
  }

  /** Once each: a file is read again and again. */
  #warn(warnings: readonly string[]): void {
    for (const message of warnings) {
      if (this.#told.has(message)) continue;
      this.#told.add(message);
      this.tell({ type: 'warning', message });
    }
  }
}

/** Returns whether nobody answers, rather than somebody who cannot be used. */
function isAway(fault: unknown): boolean {
  return isBreak(fault);
}
