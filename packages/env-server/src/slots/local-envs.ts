/** A session's environments in the thread that asks. */
import { isDeepStrictEqual } from 'node:util';
import type { Env, EnvRegistration, MaybePromise, ResolvedArguments } from '@gymwire/env';
import { chain, mapAll } from '@gymwire/env/host';
import { type Frame, GymwireError, type Info, type Space, shown, type Value } from '@gymwire/protocol';
import { encodeSpace } from '@gymwire/protocol/wire';
import type { Accessed } from './access-member.ts';
import { settlesWithin } from './call-limits.ts';
import { EnvSlot } from './env-slot.ts';
import { type HeldRows, holdRows } from './held-rows.ts';
import type { Phase } from './phase.ts';
import { ReplyBudget } from './reply-budget.ts';
import type { Death, EnvAccess, EnvReset, EnvsPlan, SessionEnvs } from './session-envs.ts';
import type { SlotStep } from './slot-step.ts';
import { spaceFault } from './space-fault.ts';
import { checkSpaces } from './space-size.ts';
import { createTakeInfo } from './take-info.ts';
import { tamed } from './user-code.ts';

/** The spaces of one environment. */
export interface EnvSpaces {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
}

interface MadeSlots {
  readonly slots: readonly EnvSlot[];
  readonly spaces: EnvSpaces;
  readonly budget: ReplyBudget;
  /** The slots' observations, where they are rows of one array. */
  readonly held: HeldRows | undefined;
}

/**
 * One slot for each copy.
 * @param signal the copies are wanted no more
 * @throws what `make` throws, the signal's reason, and GymwireError ENV_FAILED for what is no environment or for copies
 * whose spaces differ, CAPACITY for spaces that no message has room for, after closing the copies that were made
 */
export async function makeSlots(plan: EnvsPlan, signal?: AbortSignal): Promise<MadeSlots> {
  const { registration, args, copies, first = 0, strictInfo, maxMessageBytes } = plan;
  const budget = new ReplyBudget(maxMessageBytes);
  const shared = { budget, takeInfo: createTakeInfo(registration.id, strictInfo, budget) };
  const envs: Env[] = [];
  try {
    const slots: EnvSlot[] = [];
    let spaces: EnvSpaces | undefined;
    let held: HeldRows | undefined;
    while (envs.length < copies) {
      const env = await made(registration, args);
      envs.push(env);
      signal?.throwIfAborted();
      const own = spacesOf(env);
      if (spaces === undefined) {
        checkSpaces(own, copies, maxMessageBytes);
        held = holdRows(own.observationSpace, copies);
        spaces = own;
      }
      const index = first + slots.length;
      checkSame(spaces, own, index);
      slots.push(
        new EnvSlot(env, spaces.observationSpace, index, plan, { ...shared, row: held?.row(slots.length) }),
      );
    }
    if (spaces === undefined) throw new RangeError('a session has at least one environment');
    return { slots, spaces, budget, held };
  } catch (error) {
    await Promise.allSettled(envs.map(async (env) => env.close?.()));
    throw error;
  }
}

async function made(registration: EnvRegistration, args: ResolvedArguments): Promise<Env> {
  let env: unknown;
  try {
    // As a method: a registration may be an instance of a class.
    env = await registration.make(args);
  } catch (thrown) {
    throw tamed(thrown);
  }
  const missing = missingOf(env);
  if (missing === '') return env as Env;
  const expected =
    'make must return an environment, an object with reset, step, observationSpace and actionSpace';
  throw new GymwireError('ENV_FAILED', `${expected}; got ${shown(env)}${missing}`);
}

/** What it cannot be called by, for messages; '' where it can. A class inherits nothing of what its instances have. */
function missingOf(env: unknown): string {
  if (typeof env === 'function') return ': make an instance of it, if it is a class';
  if (typeof env !== 'object' || env === null) return ', which is no object';
  try {
    const calls = (['reset', 'step'] as const).filter(
      (name) => typeof (env as Partial<Env>)[name] !== 'function',
    );
    return calls.length === 0
      ? ''
      : `, without the ${calls.length === 1 ? 'method' : 'methods'} ${calls.join(' and ')}`;
  } catch (thrown) {
    throw tamed(thrown);
  }
}

/** Read once: what a getter says later, no client would know of. */
function spacesOf(env: Env): EnvSpaces {
  return { observationSpace: spaceOf(env, 'observationSpace'), actionSpace: spaceOf(env, 'actionSpace') };
}

function spaceOf(env: Env, name: keyof EnvSpaces): Space {
  let fault: string | undefined;
  try {
    const space = env[name];
    fault = spaceFault(space, name);
    if (fault === undefined) {
      encodeSpace(space);
      return space;
    }
  } catch (thrown) {
    const cause = tamed(thrown);
    const message = `the environment's ${name} is no space: ${cause.message}`;
    throw new GymwireError('ENV_FAILED', message, { cause });
  }
  throw new GymwireError('ENV_FAILED', `the environment's ${fault}`);
}

/** Rows of a batch have one space: an observation of another one would be cut, or filled up. */
export function checkSame(expected: EnvSpaces, got: EnvSpaces, index: number): void {
  for (const name of ['observationSpace', 'actionSpace'] as const) {
    if (expected[name] === got[name] || isDeepStrictEqual(expected[name], got[name])) continue;
    throw new GymwireError('ENV_FAILED', `environment ${index} has another ${name} than environment 0`);
  }
}

export async function createLocalEnvs(plan: EnvsPlan, signal?: AbortSignal): Promise<SessionEnvs> {
  return new LocalEnvs(await makeSlots(plan, signal));
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
  readonly #budget: ReplyBudget;
  readonly #held: HeldRows | undefined;
  #underWay: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor({ slots, spaces, budget, held }: MadeSlots) {
    this.count = slots.length;
    this.observationSpace = spaces.observationSpace;
    this.actionSpace = spaces.actionSpace;
    this.#held = held;
    this.#slots = slots;
    this.#budget = budget;
  }

  phase(index: number): Phase {
    return this.#slots[index].phase;
  }

  observation(index: number): Value {
    return this.#slots[index].observation;
  }

  batch(): Value | undefined {
    return this.#held?.batch();
  }

  reset(requests: ReadonlyArray<EnvReset | undefined>): MaybePromise<ReadonlyArray<Info | undefined>> {
    this.#budget.renew();
    const infos = mapAll(this.count, (i) => {
      const request = requests[i];
      if (request === undefined) return undefined;
      return chain(this.#slots[i].reset(request.seed, request.options), ({ info }) => info);
    });
    return this.#noted(infos);
  }

  step(actions: readonly Value[], nextSeeds?: BigUint64Array): MaybePromise<readonly SlotStep[]> {
    this.#budget.renew();
    const steps = new Array<SlotStep>(this.count);
    // What `mapAll` does, without a function between: where all answer at once, it would cost as much as all the rest here.
    for (let i = 0; i < steps.length; i++) {
      let step: MaybePromise<SlotStep>;
      try {
        step = this.#slots[i].step(actions[i], nextSeeds);
      } catch (thrown) {
        step = Promise.reject<SlotStep>(thrown);
      }
      if (step instanceof Promise) return this.#stepRest(steps.slice(0, i), step, actions, nextSeeds);
      steps[i] = step;
    }
    return steps;
  }

  /** @param over what the first ones brought @param next what the one after them will, if it does not fail */
  #stepRest(
    over: readonly SlotStep[],
    next: Promise<SlotStep>,
    actions: readonly Value[],
    nextSeeds: BigUint64Array | undefined,
  ): MaybePromise<readonly SlotStep[]> {
    const all = mapAll(this.count, (i) => {
      if (i < over.length) return over[i];
      return i === over.length ? next : this.#slots[i].step(actions[i], nextSeeds);
    });
    return this.#noted(all);
  }

  render(index: number): MaybePromise<Frame> {
    return this.#noted(this.#slots[index].render());
  }

  access({ envIndices, name, arguments: args }: EnvAccess): MaybePromise<readonly Accessed[]> {
    this.#budget.renew();
    return this.#noted(mapAll(envIndices.length, (i) => this.#slots[envIndices[i]].access(name, args)));
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
