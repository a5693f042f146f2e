/** A session's environments in the thread that asks. */
import { encodeSpace, type Frame, GymwireError, type Info, type Space, type Value } from '@gymwire/protocol';
import type { Env } from '../env.ts';
import { chain, type MaybePromise, mapAll } from '../maybe-promise.ts';
import { EnvSlot, type SlotStep } from './env-slot.ts';
import type { Phase } from './phase.ts';
import type { EnvReset, EnvsPlan, SessionEnvs } from './session-envs.ts';

/** One slot for each copy. @throws what `make` throws, after closing the copies that were made */
export async function makeSlots(plan: EnvsPlan): Promise<{ slots: readonly EnvSlot[]; first: Env }> {
  const { registration, args, copies, maxEpisodeSteps, autoresetMode } = plan;
  const first = await registration.make(args);
  checkSpaces(first);
  const envs = [first];
  try {
    while (envs.length < copies) envs.push(await registration.make(args));
  } catch (error) {
    await Promise.allSettled(envs.map(async (env) => env.close?.()));
    throw error;
  }
  return { slots: envs.map((env) => new EnvSlot(env, maxEpisodeSteps, autoresetMode)), first };
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

export async function createLocalEnvs(plan: EnvsPlan): Promise<SessionEnvs> {
  const { slots, first } = await makeSlots(plan);
  return new LocalEnvs(slots, first);
}

/** @throws the first slot's fault, after all are closed */
export async function closeSlots(slots: readonly EnvSlot[]): Promise<void> {
  const outcomes = await Promise.allSettled(slots.map((slot) => slot.close()));
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}

class LocalEnvs implements SessionEnvs {
  readonly count: number;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly #slots: readonly EnvSlot[];

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
    return mapAll(this.count, (i) => {
      const request = requests[i];
      if (request === undefined) return undefined;
      return chain(this.#slots[i].reset(request.seed, request.options), ({ info }) => info);
    });
  }

  step(actions: readonly Value[]): MaybePromise<readonly SlotStep[]> {
    return mapAll(this.count, (i) => this.#slots[i].step(actions[i]));
  }

  render(index: number): MaybePromise<Frame> {
    return this.#slots[index].render();
  }

  detach(): void {
    for (const slot of this.#slots) slot.detach();
  }

  close(): Promise<void> {
    return closeSlots(this.#slots);
  }
}
