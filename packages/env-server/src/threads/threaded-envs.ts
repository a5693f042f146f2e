/** A session's environments, spread over worker threads. */
import { type Frame, GymwireError, type Info, type Space, type Value } from '@gymwire/protocol';
import type { SlotStep } from '../session/env-slot.ts';
import { ignoresAction, type Phase } from '../session/phase.ts';
import type { EnvReset, EnvsPlan, SessionEnvs } from '../session/session-envs.ts';
import { writeRow } from './box-rows.ts';
import { packValue } from './portable.ts';
import { RowReader, throwFault } from './row-reader.ts';
import { phases, rowsByteLength, rowsIn, type SharedRows } from './shared-rows.ts';
import { type Replies, type ThreadCall, ThreadGroup } from './thread-group.ts';

/**
 * Environment i lives in the same thread from its making to its closing; neighbours share a thread.
 *
 * @param threads at most as many as there are environments
 * @throws what `make` throws in a thread; GymwireError ENV_FAILED when the registration is not where it says
 */
export async function createThreadedEnvs(plan: EnvsPlan, threads: number): Promise<SessionEnvs> {
  const { registration, given, copies, maxEpisodeSteps, autoresetMode } = plan;
  const module = registration.module;
  if (module === undefined)
    throw new TypeError(`${registration.id} has no module that a thread could import`);
  const starts = Array.from({ length: threads + 1 }, (_, thread) => Math.floor((thread * copies) / threads));
  const group = new ThreadGroup(
    starts.slice(0, -1).map((first, thread) => ({
      envId: registration.id,
      module: { url: String(module.url), exportName: module.exportName },
      given: packValue(given),
      first,
      copies: starts[thread + 1] - first,
      maxEpisodeSteps,
      autoresetMode,
    })),
  );
  try {
    const replies = await group.made();
    throwFault(replies.flatMap((reply) => reply?.faults ?? []));
    const made = replies[0]?.made;
    if (made === undefined) throw new GymwireError('INTERNAL', 'a thread made no environments');
    const shape = { count: copies, ...made };
    const memory = new SharedArrayBuffer(rowsByteLength(shape));
    await group.call(starts.slice(0, -1).map(() => ({ kind: 'share', memory, count: copies })));
    return new ThreadedEnvs(plan, group, starts, shape, rowsIn(memory, shape));
  } catch (error) {
    await closeThreads(group, threads).catch(() => undefined);
    throw error;
  }
}

/** @throws the first fault of the simulators, after all threads have ended */
async function closeThreads(group: ThreadGroup, threads: number): Promise<void> {
  try {
    if (group.isDead) return;
    const replies = await group.call(Array.from({ length: threads }, () => ({ kind: 'close' })));
    throwFault(replies.flatMap((reply) => reply?.faults ?? []));
  } finally {
    await group.end();
  }
}

class ThreadedEnvs implements SessionEnvs {
  readonly count: number;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly #plan: EnvsPlan;
  readonly #group: ThreadGroup;
  /** Each thread's first environment, and the number of environments. */
  readonly #starts: readonly number[];
  readonly #rows: SharedRows;
  readonly #reader: RowReader;
  readonly #observations: Value[];

  constructor(
    plan: EnvsPlan,
    group: ThreadGroup,
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
    this.#reader = new RowReader(rows, starts.length - 1, (index) => this.#threadOf(index));
    this.#observations = new Array<Value>(plan.copies).fill(null);
  }

  phase(index: number): Phase {
    return phases[this.#rows.phase[index]] ?? 'new';
  }

  observation(index: number): Value {
    return this.#observations[index];
  }

  async reset(requests: ReadonlyArray<EnvReset | undefined>): Promise<ReadonlyArray<Info | undefined>> {
    const calls = this.#eachThread((first, end): ThreadCall | undefined => {
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

  async step(actions: readonly Value[]): Promise<readonly SlotStep[]> {
    const { actions: rows } = this.#rows;
    if (rows !== undefined) this.#writeActions(actions, rows);
    const calls = this.#eachThread(
      (first, end): ThreadCall =>
        rows === undefined ? { kind: 'step', actions: actions.slice(first, end).map(packValue) } : 'step',
    );
    this.#take(await this.#group.call(calls), () => true);
    return this.#observations.map((_, i) => this.#reader.step(i));
  }

  async render(index: number): Promise<Frame> {
    const thread = this.#threadOf(index);
    const replies = await this.#group.call(
      this.#starts.slice(0, -1).map((_, i) => (i === thread ? { kind: 'render', index } : undefined)),
    );
    throwFault(replies[thread]?.faults ?? []);
    const frame = replies[thread]?.frame;
    if (frame === undefined) throw new GymwireError('INTERNAL', 'a thread drew nothing');
    return frame;
  }

  /** Simulators stand still between two steps; what moves by itself is not spread over threads. */
  detach(): void {}

  close(): Promise<void> {
    return closeThreads(this.#group, this.#starts.length - 1);
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

  #threadOf(index: number): number {
    return this.#starts.findLastIndex((first) => first <= index);
  }

  #eachThread<T>(call: (first: number, end: number) => T): T[] {
    return this.#starts.slice(0, -1).map((first, thread) => call(first, this.#starts[thread + 1]));
  }
}
