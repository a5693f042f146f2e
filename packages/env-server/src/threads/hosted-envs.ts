/** A session's environments in its hosts: worker threads, or a process. */

import type { EnvRegistration, RegistrationModule } from '@gymwire/env';
import { packValue, unpackError, unpackValue } from '@gymwire/env/host';
import { type Frame, GymwireError, type Info, type Space, type Value } from '@gymwire/protocol';
import type { Accessed } from '../slots/access-member.ts';
import { checkSame } from '../slots/local-envs.ts';
import { ignoresAction, type Phase } from '../slots/phase.ts';
import type { Death, EnvAccess, EnvReset, EnvsPlan, SessionEnvs } from '../slots/session-envs.ts';
import type { SlotStep } from '../slots/slot-step.ts';
import { checkSpaces } from '../slots/space-size.ts';
import { writeRow } from './box-rows.ts';
import type { HostCall, HostGroup, Replies } from './host-group.ts';
import type { HostData, PortableAccessed } from './host-messages.ts';
import { RowReader, throwFault } from './row-reader.ts';
import { phases, type SharedRows } from './shared-rows.ts';

/**
 * Environment i lives in the same host from its making to its closing; neighbours share a host.
 *
 * @param hosts at most as many as there are environments
 * @param start starts the hosts
 * @param signal the environments are wanted no more: the hosts are ended
 * @throws what `make` throws in a host; GymwireError ENV_FAILED when the registration is not where it says
 */
export async function createHostedEnvs(
  plan: EnvsPlan,
  hosts: number,
  start: (shares: readonly HostData[]) => HostGroup,
  signal?: AbortSignal,
): Promise<SessionEnvs> {
  const starts = Array.from({ length: hosts + 1 }, (_, host) => Math.floor((host * plan.copies) / hosts));
  const group = start(sharesOf(plan, starts));
  const end = () => void group.end();
  signal?.addEventListener('abort', end);
  try {
    const replies = await group.made();
    throwFault(replies.flatMap((reply) => reply?.faults ?? []));
    const made = replies[0]?.made;
    if (made === undefined) throw new GymwireError('INTERNAL', 'a host made no environments');
    for (const [host, reply] of replies.entries()) {
      if (reply?.made !== undefined) checkSame(made, reply.made, starts[host]);
    }
    checkSpaces(made, plan.copies, plan.maxMessageBytes);
    const rows = await group.share({ count: plan.copies, ...made });
    return new HostedEnvs(plan, group, starts, made, rows);
  } catch (error) {
    await closeHosts(group).catch(() => undefined);
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

function sharesOf(plan: EnvsPlan, starts: readonly number[]): readonly HostData[] {
  const { registration, given, isVector, maxEpisodeSteps, autoresetMode, strictInfo, maxMessageBytes } = plan;
  const { url, exportName } = moduleOf(registration);
  return starts.slice(0, -1).map((first, host) => ({
    envId: registration.id,
    module: { url: String(url), exportName },
    given: packValue(given),
    first,
    copies: starts[host + 1] - first,
    isVector,
    maxEpisodeSteps,
    autoresetMode,
    strictInfo,
    maxMessageBytes,
  }));
}

function moduleOf({ id, module }: EnvRegistration): RegistrationModule {
  if (module === undefined) throw new TypeError(`${id} has no module that a host could import`);
  return module;
}

/** @throws the first fault of the simulators, after all hosts have ended */
async function closeHosts(group: HostGroup): Promise<void> {
  try {
    const replies = await group.call(Array.from({ length: group.size }, () => ({ kind: 'close' })));
    throwFault(replies.flatMap((reply) => reply?.faults ?? []));
    await group.leave();
  } finally {
    await group.end();
  }
}

class HostedEnvs implements SessionEnvs {
  readonly count: number;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly #plan: EnvsPlan;
  readonly #group: HostGroup;
  /** Each host's first environment, and the number of environments. */
  readonly #starts: readonly number[];
  readonly #rows: SharedRows;
  readonly #reader: RowReader;
  readonly #observations: Value[];

  constructor(
    plan: EnvsPlan,
    group: HostGroup,
    starts: readonly number[],
    { observationSpace, actionSpace }: Pick<SessionEnvs, 'observationSpace' | 'actionSpace'>,
    rows: SharedRows,
  ) {
    this.count = plan.copies;
    this.observationSpace = observationSpace;
    this.actionSpace = actionSpace;
    this.#plan = plan;
    this.#group = group;
    this.#starts = starts;
    this.#rows = rows;
    this.#reader = new RowReader(rows, group.size, (index) => this.#hostOf(index));
    this.#observations = new Array<Value>(plan.copies).fill(null);
  }

  get death(): Promise<Death> {
    return this.#group.death;
  }

  phase(index: number): Phase {
    return phases[this.#rows.phase[index]] ?? 'new';
  }

  observation(index: number): Value {
    return this.#observations[index];
  }

  batch(): undefined {
    return undefined;
  }

  async reset(requests: ReadonlyArray<EnvReset | undefined>): Promise<ReadonlyArray<Info | undefined>> {
    const calls = this.#eachHost((first, end): HostCall | undefined => {
      const resets = requests.slice(first, end).flatMap((request, i) => {
        if (request === undefined) return [];
        const { seed, options } = request;
        return { index: first + i, seed, options: options === undefined ? undefined : packValue(options) };
      });
      return resets.length === 0 ? undefined : { kind: 'reset', resets };
    });
    this.#take(await this.#group.call(calls), (index) => requests[index] !== undefined);
    return requests.map((request, i) => (request === undefined ? undefined : this.#reader.info(i)));
  }

  async step(actions: readonly Value[], nextSeeds?: BigUint64Array): Promise<readonly SlotStep[]> {
    const { actions: rows } = this.#rows;
    if (rows !== undefined) this.#writeActions(actions, rows);
    if (nextSeeds !== undefined) this.#rows.nextSeeds.set(nextSeeds);
    const call = nextSeeds === undefined ? 'step' : 'seeded-step';
    const calls = this.#eachHost(
      (first, end): HostCall =>
        rows === undefined
          ? { kind: 'step', actions: actions.slice(first, end).map(packValue), nextSeeds }
          : call,
    );
    this.#take(await this.#group.call(calls), () => true);
    return this.#observations.map((_, i) => this.#reader.step(i));
  }

  async render(index: number): Promise<Frame> {
    const host = this.#hostOf(index);
    const replies = await this.#group.call(
      this.#starts.slice(0, -1).map((_, i) => (i === host ? { kind: 'render', index } : undefined)),
    );
    throwFault(replies[host]?.faults ?? []);
    const frame = replies[host]?.frame;
    if (frame === undefined) throw new GymwireError('INTERNAL', 'a host drew nothing');
    return frame;
  }

  async access({ envIndices, name, arguments: args }: EnvAccess): Promise<readonly Accessed[]> {
    const packed = args?.map(packValue);
    const calls = this.#eachHost((first, end): HostCall | undefined => {
      const indices = envIndices.filter((index) => index >= first && index < end);
      return indices.length === 0 ? undefined : { kind: 'access', indices, name, arguments: packed };
    });
    const replies = await this.#group.call(calls);
    throwFault(replies.flatMap((reply) => reply?.faults ?? []));
    return replies.flatMap((reply) => (reply?.accessed ?? []).map(unpackAccessed));
  }

  detach(): void {
    this.#group.detach();
  }

  close(): Promise<void> {
    return closeHosts(this.#group);
  }

  abandon(): Promise<void> {
    return this.#group.end();
  }

  #writeActions(actions: readonly Value[], rows: readonly Value[]): void {
    for (const [i, action] of actions.entries()) {
      // An action that is ignored has not been checked either.
      if (!ignoresAction(this.phase(i), this.#plan.autoresetMode)) writeRow(rows[i], action);
    }
  }

  /** Faults of single environments leave what the others did. */
  #take(replies: Replies, isCalled: (index: number) => boolean): void {
    const faults = this.#reader.take(replies);
    const failed = new Set(faults.map(({ index }) => index));
    for (let i = 0; i < this.count; i++) {
      if (isCalled(i) && !failed.has(i)) this.#observations[i] = this.#reader.observation(i);
    }
    throwFault(faults);
  }

  #hostOf(index: number): number {
    return this.#starts.findLastIndex((first) => first <= index);
  }

  #eachHost<T>(call: (first: number, end: number) => T): T[] {
    return this.#starts.slice(0, -1).map((first, host) => call(first, this.#starts[host + 1]));
  }
}

function unpackAccessed(packed: PortableAccessed): Accessed {
  if ('value' in packed) return { value: unpackValue(packed.value) };
  const error = unpackError(packed.fault);
  return {
    fault:
      error instanceof GymwireError ? error : new GymwireError('ENV_FAILED', error.message, { cause: error }),
  };
}
