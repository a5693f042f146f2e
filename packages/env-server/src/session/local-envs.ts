/** A session's environments in the thread that asks. */
import { encodeSpace, type Frame, GymwireError, type Info, type Space, type Value } from '@gymwire/protocol';
import type { Env } from '../env.ts';
import { chain, type MaybePromise, mapAll } from '../maybe-promise.ts';
import { settlesWithin } from './call-limits.ts';
import { EnvSlot, type SlotStep } from './env-slot.ts';
import type { Phase } from './phase.ts';
import type { Death, EnvReset, EnvsPlan, SessionEnvs } from './session-envs.ts';

/**
 * One slot for each copy.
 * @param signal the copies are wanted no more
 * @throws what `make` throws, and the signal's reason, after closing the copies that were made
 */
export async function makeSlots(
  plan: EnvsPlan,
  signal?: AbortSignal,
): Promise<{ slots: readonly EnvSlot[]; first: Env }> {
  const { registration, args, copies, maxEpisodeSteps, autoresetMode } = plan;
  const envs: Env[] = [];
  try {
    while (envs.length < copies) {
      const env = await registration.make(args);
      if (envs.length === 0) checkSpaces(env);
      envs.push(env);
      signal?.throwIfAborted();
    }
  } catch (error) {
    await Promise.allSettled(envs.map(async (env) => env.close?.()));
    throw error;
  }
  return { slots: envs.map((env) => new EnvSlot(env, maxEpisodeSteps, autoresetMode)), first: envs[0] };
}

function checkSpaces(env: Env): void {
  for (const name of ['observationSpace', 'actionSpace'] as const) {
    try {
      encodeSpace(env[name]);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new GymwireError('ENV_FAILED', `the environment's ${name} is no space: ${why}`, { cause });
    }
  }
}

export async function createLocalEnvs(plan: EnvsPlan, signal?: AbortSignal): Promise<SessionEnvs> {
  const { slots, first } = await makeSlots(plan, signal);
  return new LocalEnvs(slots, first);
}

/** @throws the first slot's fault, after all are closed */
export function closeSlots(slots: readonly EnvSlot[]): Promise<void> {
  return callEach(slots, (slot) => slot.close());
}

/** @throws the first slot's fault, when every call is over */
async function callEach(
  slots: readonly EnvSlot[],
  call: (slot: EnvSlot) => MaybePromise<void>,
): Promise<void> {
  const outcomes = await Promise.allSettled(slots.map(async (slot) => call(slot)));
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}

class LocalEnvs implements SessionEnvs {
  readonly count: number;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** Simulators in this thread do not die: whatever would end them ends the server. */
  readonly death = new Promise<Death>(() => undefined);
  readonly #slots: readonly EnvSlot[];
  #underWay: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(slots: readonly EnvSlot[], { observationSpace, actionSpace }: Env) {
    this.count = slots.length;
    this.observationSpace = observationSpace;
    this.actionSpace = actionSpace;
    this.#slots = slots;
  }

  phase(index: number): Phase {
    return this.#slots[index].phase;
  }

  observation(index: number): Value {
    return this.#slots[index].observation;
  }

  reset(requests: ReadonlyArray<EnvReset | undefined>): MaybePromise<ReadonlyArray<Info | undefined>> {
    const infos = mapAll(this.count, (i) => {
      const request = requests[i];
      if (request === undefined) return undefined;
      return chain(this.#slots[i].reset(request.seed, request.options), ({ info }) => info);
    });
    return this.#noted(infos);
  }

  step(actions: readonly Value[]): MaybePromise<readonly SlotStep[]> {
    return this.#noted(mapAll(this.count, (i) => this.#slots[i].step(actions[i])));
  }

  render(index: number): MaybePromise<Frame> {
    return this.#noted(this.#slots[index].render());
  }

  detach(): void {
    for (const slot of this.#slots) slot.detach();
  }

  close(): Promise<void> {
    this.#closing ??= closeSlots(this.#slots);
    return this.#closing;
  }

  async abandon(patienceMs: number): Promise<void> {
    const detached = callEach(this.#slots, (slot) => slot.abandon());
    await settlesWithin(this.#underWay, patienceMs);
    const closed = this.close();
    if (await settlesWithin(closed, patienceMs)) await closed;
    await detached;
  }

  #noted<T>(call: MaybePromise<T>): MaybePromise<T> {
    if (call instanceof Promise) this.#underWay = call;
    return call;
  }
}
