import { setTimeout as sleep } from 'node:timers/promises';
import { GymwireError } from '@gymwire/protocol';
import { createBackoff } from '../env-client/backoff.ts';
import type { MakeVectorOptions, RemoteVectorEnv } from '../env-client/connection.ts';
import { differenceOf } from '../env-client/env-kind.ts';
import { isBreak } from '../env-client/recovery.ts';
import { AgentError } from '../errors.ts';
import { type FleetHost, isPlaceLoss } from './fleet-host.ts';
import { FleetMember } from './fleet-member.ts';
import type { ResolvedFleetOptions } from './fleet-options.ts';
import type { HostBook } from './host-book.ts';
import { divide, type SessionPart } from './share-out.ts';

/** What a fleet's environments are made from. */
export interface FleetEnvRequest {
  readonly envId: string;
  /** With `numEnvs` of all hosts together. */
  readonly options: MakeVectorOptions;
}

/** Waiting for a place, beyond which there is none. */
const placeTimeoutMs = 60_000;

/** The list is read and new hosts answer within this time; one that is silent takes longer. */
const refreshPatienceMs = 1_000;

/** Makes a fleet's environments on its hosts, each alike. */
export class EnvPlacer {
  readonly #book: HostBook;
  readonly #request: FleetEnvRequest;
  readonly #jitter: () => number;
  /** That of the first environments: what all others must be like. */
  #model: FleetMember | undefined;
  /** How many environments each session has, where the simulator has no other number. */
  #sessionSize: number | undefined;
  /** All were made once. */
  #isComplete = false;

  /** Nobody waits for a place any more. */
  readonly #givenUp: AbortSignal;

  constructor(book: HostBook, request: FleetEnvRequest, { jitter, connect }: ResolvedFleetOptions) {
    this.#book = book;
    this.#request = request;
    this.#jitter = jitter;
    const signals = [connect.reconnectSignal, request.options.reconnectSignal];
    this.#givenUp = AbortSignal.any(signals.filter((signal) => signal !== undefined));
  }

  /**
   * Makes all of them, in the order of the hosts.
   * @throws AgentError ENV_MISMATCH naming two hosts and what differs between them; GymwireError CAPACITY where not all fit,
   * INVALID_ARGUMENT for a number that a batch simulator of a fixed one cannot make up; what a host failed with, where another would as well
   */
  async placeAll(): Promise<FleetMember[]> {
    const { envId, options } = this.#request;
    this.#sessionSize = await fixedNumEnvs(envId, this.#book.hosts);
    if (this.#sessionSize !== undefined && options.numEnvs % this.#sessionSize !== 0) {
      throw new GymwireError(
        'INVALID_ARGUMENT',
        `numEnvs: ${envId} is a batch simulator of ${this.#sessionSize} environments a session: expected a multiple of ` +
          `that, got ${options.numEnvs}`,
      );
    }
    const members = await this.#placeWhereFree(options.numEnvs);
    [this.#model] = members;
    const other = members.find(({ env }) => this.#difference(env) !== undefined);
    this.#isComplete = true;
    if (other === undefined) return members;
    await this.#closeAll(members);
    const { host } = this.#model;
    throw new AgentError(
      'ENV_MISMATCH',
      `${this.#request.envId}: ${this.#difference(other.env)} at ${other.host.name} is not that at ${host.name}; ` +
        'the hosts of a fleet must make the same environment',
    );
  }

  /**
   * Makes environments again that were on a host that is gone, waiting for a place where there is none at present.
   * @throws GymwireError CAPACITY, SERVER_UNAVAILABLE when there is none for a minute; CANCELLED when the signal came
   */
  async replace(first: number, count: number): Promise<FleetMember[]> {
    const signal = this.#givenUp;
    const backoff = createBackoff(this.#jitter);
    const startedAt = performance.now();
    for (;;) {
      // Who does not even refuse must not keep those waiting that are there.
      const fresh = Promise.all([this.#book.refresh(), this.#book.askAgain()]);
      await Promise.race([fresh, sleep(refreshPatienceMs)]);
      const refusals = new Map<FleetHost, string>();
      try {
        const members = await this.#place(first, count, refusals);
        if (await this.#areAlike(members, refusals)) {
          for (const { host, envIndices } of members) {
            this.#book.tell({ type: 'moved', host: host.name, envIndices });
          }
          return members;
        }
      } catch (error) {
        if (!isOfPlaces(error) || performance.now() - startedAt > placeTimeoutMs) throw error;
      }
      await sleep(Math.max(50, backoff.nextMs()), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw new GymwireError('CANCELLED', 'told to stop');
    }
  }

  /** What hosts said when they were connected to may be old: where they seem full, they are asked. */
  async #placeWhereFree(count: number): Promise<FleetMember[]> {
    try {
      return await this.#place(0, count, new Map());
    } catch (error) {
      if (!isOfPlaces(error)) throw error;
      await this.#book.askAgain();
      return this.#place(0, count, new Map());
    }
  }

  /** @param refusals hosts that are not asked (again), with the reason */
  async #place(first: number, count: number, refusals: Map<FleetHost, string>): Promise<FleetMember[]> {
    const hosts = this.#book.hosts.filter((host) => !refusals.has(host));
    const parts = divide(first, count, hosts, this.#sessionSize);
    if (parts === undefined) throw this.#noRoom(count, hosts, refusals);
    const makes = await Promise.allSettled(parts.map((part) => this.#make(part, refusals)));
    const made = makes.flatMap((make) => (make.status === 'fulfilled' ? (make.value ?? []) : []));
    const failed = makes.find((make) => make.status === 'rejected');
    try {
      if (failed !== undefined) throw failed.reason;
      const missing = parts.filter((part) => !made.some((member) => member.first === part.first));
      for (const part of missing) made.push(...(await this.#place(part.first, part.count, refusals)));
    } catch (error) {
      await this.#closeAll(made);
      throw error;
    }
    return made.sort((a, b) => a.first - b.first);
  }

  /** @returns undefined where this host has no place for them, which `refusals` tells then */
  async #make(
    { host, first, count }: SessionPart<FleetHost>,
    refusals: Map<FleetHost, string>,
  ): Promise<FleetMember | undefined> {
    host.placed += count;
    try {
      const { envId, options } = this.#request;
      const env = await host.connection.makeVector(envId, { ...options, numEnvs: count });
      if (env.numEnvs !== count) {
        await env.close();
        throw new GymwireError(
          'MALFORMED',
          `asked for ${count} environments of ${envId}, got ${env.numEnvs}`,
        );
      }
      return new FleetMember(host, first, env);
    } catch (error) {
      host.placed -= count;
      if (!(error instanceof GymwireError)) throw error;
      refusals.set(host, error.message);
      if (error.code === 'CAPACITY') return undefined;
      // While the fleet begins, what a host has against it is for whoever set it up.
      const isPlace = isPlaceLoss(error, host);
      if (this.#isComplete ? error.code === 'CANCELLED' && !isPlace : !isPlace || !isBreak(error)) {
        throw atHost(error, host);
      }
      if (await this.#book.examine(host, error.message)) {
        if (this.#isComplete && !isBreak(error)) this.#book.ban(host, error.message);
      }
      return undefined;
    }
  }

  /** Where one is not, all are closed, and its host is not asked again for now. */
  async #areAlike(members: readonly FleetMember[], refusals: Map<FleetHost, string>): Promise<boolean> {
    const strangers = members.filter(({ env }) => this.#difference(env) !== undefined);
    if (strangers.length === 0) return true;
    for (const { host, env } of strangers) {
      const reason = `its ${this.#request.envId} differs: ${this.#difference(env)}`;
      refusals.set(host, reason);
      this.#book.ban(host, reason);
    }
    await this.#closeAll(members);
    return false;
  }

  #difference(env: RemoteVectorEnv): string | undefined {
    return this.#model && differenceOf(this.#model.env, env);
  }

  async #closeAll(members: readonly FleetMember[]): Promise<void> {
    await Promise.allSettled(members.map((member) => member.close()));
  }

  #noRoom(
    count: number,
    hosts: readonly FleetHost[],
    refusals: ReadonlyMap<FleetHost, string>,
  ): GymwireError {
    const reasons = [
      ...hosts.map((host) => `${host.name} has room for ${host.room}`),
      ...[...refusals].map(([host, reason]) => `${host.name}: ${reason}`),
      ...this.#book.missing,
    ];
    const told = reasons.length === 0 ? 'no host is listed' : [...new Set(reasons)].join('; ');
    return new GymwireError('CAPACITY', `no place for ${count} environments in the fleet: ${told}`);
  }
}

/** Returns whether waiting may help. */
function isOfPlaces(error: unknown): boolean {
  return error instanceof GymwireError && (error.code === 'CAPACITY' || error.code === 'SERVER_UNAVAILABLE');
}

function atHost(error: unknown, { name }: FleetHost): unknown {
  if (!(error instanceof GymwireError)) return error;
  const { code, message, details, origin } = error;
  return new GymwireError(code, `${name}: ${message}`, { cause: error, details, origin });
}

/** Returns how many environments a batch simulator always has, if it does; the first host that knows of such speaks for all. */
async function fixedNumEnvs(envId: string, hosts: readonly FleetHost[]): Promise<number | undefined> {
  const teller = hosts.find(({ server }) => server.capabilities.includes('batch'));
  if (teller === undefined) return undefined;
  try {
    const spec = (await teller.connection.listEnvs()).find(({ id }) => id === envId);
    const { minNumEnvs, maxNumEnvs } = spec?.batch ?? {};
    return minNumEnvs === maxNumEnvs ? minNumEnvs : undefined;
  } catch (error) {
    // Whether it is gone, making the environments shows.
    if (isPlaceLoss(error, teller)) return undefined;
    throw error;
  }
}
