/**
 * One environment of a session, held to Gymnasium's order: TimeLimit around OrderEnforcing around the simulator.
 * Faults of the simulator become ENV_FAILED with its own message, and the episode is over.
 */
import {
  type AutoresetMode,
  encodeDict,
  type Frame,
  GymwireError,
  type Info,
  type ResetResult,
  type Seed,
  type StepResult,
  type Value,
} from '@gymwire/protocol';
import type { Env } from '../env.ts';
import { chain, type MaybePromise } from '../maybe-promise.ts';
import { createRandomGenerator } from '../seeding/create-random-generator.ts';
import type { RandomGenerator } from '../seeding/random-generator.ts';
import { infoExcess } from './info-size.ts';
import { ignoresAction, type Phase } from './phase.ts';
import { findMismatch } from './space-member.ts';

/** A step, and with same-step autoreset the end of the episode that it replaced. */
export interface SlotStep extends StepResult {
  readonly final?: { readonly observation: Value; readonly info: Info };
}

export class EnvSlot {
  readonly #env: Env;
  readonly #maxEpisodeSteps: number;
  readonly #autoresetMode: AutoresetMode;
  #random: RandomGenerator | undefined;
  #phase: Phase = 'new';
  #elapsedSteps = 0;
  #observation: Value = null;
  #isAbandoned = false;

  constructor(env: Env, maxEpisodeSteps: number | undefined, autoresetMode: AutoresetMode) {
    this.#env = env;
    this.#maxEpisodeSteps = maxEpisodeSteps ?? Number.POSITIVE_INFINITY;
    this.#autoresetMode = autoresetMode;
  }

  /** The last observation that a reset or step returned; null before. */
  get observation(): Value {
    return this.#observation;
  }

  get phase(): Phase {
    return this.#phase;
  }

  reset(seed?: Seed, options?: Info): MaybePromise<ResetResult> {
    if (this.#isAbandoned) throw new GymwireError('SESSION_GONE', 'reset: the environment was given up');
    if (seed !== undefined || this.#random === undefined) this.#random = createRandomGenerator(seed);
    const random = this.#random;
    this.#phase = 'failed';
    const result = this.#guard('reset', () =>
      this.#env.reset({
        random,
        ...(seed === undefined ? {} : { seed }),
        ...(options === undefined ? {} : { options }),
      }),
    );
    return chain(result, (reset) => {
      this.#check(reset, 'reset');
      this.#phase = 'running';
      this.#elapsedSteps = 0;
      this.#observation = reset.observation;
      return reset;
    });
  }

  step(action: Value): MaybePromise<SlotStep> {
    if (ignoresAction(this.#phase, this.#autoresetMode)) {
      return chain(this.reset(), ({ observation, info }) => ({
        observation,
        reward: 0,
        terminated: false,
        truncated: false,
        info,
      }));
    }
    this.#phase = 'failed';
    const result = this.#guard('step', () => this.#env.step(action));
    return chain(result, (step) => this.#finishStep(step));
  }

  #finishStep(answer: StepResult): MaybePromise<SlotStep> {
    const step = this.#counted(answer);
    const ended = step.terminated || step.truncated;
    if (!ended || this.#autoresetMode !== 'same-step') return step;
    const final = { observation: step.observation, info: step.info };
    return chain(this.reset(), ({ observation, info }) => ({ ...step, observation, info, final }));
  }

  /** The simulator's answer, checked, with the time limit. */
  #counted(step: StepResult): StepResult {
    this.#check(step, 'step');
    if (!Number.isFinite(step.reward)) {
      throw new GymwireError(
        'NON_FINITE_OBSERVATION',
        `step: the simulator returned the reward ${step.reward}`,
      );
    }
    this.#elapsedSteps += 1;
    const truncated = step.truncated || this.#elapsedSteps >= this.#maxEpisodeSteps;
    this.#phase = step.terminated || truncated ? 'ended' : 'running';
    this.#observation = step.observation;
    return truncated === step.truncated ? step : { ...step, truncated };
  }

  render(): MaybePromise<Frame> {
    if (this.#phase === 'new') {
      throw new GymwireError('NOT_RESET', 'render: the environment has not been reset yet');
    }
    return this.#guard('render', () => {
      if (this.#env.render === undefined) {
        throw new GymwireError('UNSUPPORTED', 'this environment does not render');
      }
      return this.#env.render();
    });
  }

  detach(): void {
    this.#env.detach?.();
  }

  /** Nobody waits for the call that is under way: whenever it ends, the simulator is not asked to go on. */
  abandon(): void {
    this.#isAbandoned = true;
    this.detach();
  }

  async close(): Promise<void> {
    await this.#guard('close', () => this.#env.close?.());
  }

  #guard<T>(what: string, call: () => MaybePromise<T>): MaybePromise<T> {
    try {
      const result = call();
      return result instanceof Promise ? result.catch((thrown: unknown) => rethrow(what, thrown)) : result;
    } catch (thrown) {
      return rethrow(what, thrown);
    }
  }

  /** A reply that cannot travel is the simulator's fault, and must be found before it counts as given. */
  #check(reply: ResetResult, what: string): void {
    if (
      typeof reply !== 'object' ||
      reply === null ||
      typeof reply.info !== 'object' ||
      reply.info === null
    ) {
      throw new GymwireError(
        'ENV_FAILED',
        `${what}: the simulator must return an observation and an info dictionary`,
      );
    }
    const { observation, info } = reply;
    const excess = infoExcess(info);
    if (excess !== undefined) {
      throw new GymwireError('ENV_FAILED', `${what}: the simulator returned too large an info: ${excess}`);
    }
    try {
      if (!isPlain(info)) encodeDict(info);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new GymwireError(
        'ENV_FAILED',
        `${what}: the simulator returned an info that cannot travel: ${why}`,
        { cause },
      );
    }
    const wrong = findMismatch(this.#env.observationSpace, observation, 'observation', false);
    if (wrong === undefined) return;
    const code = wrong.kind === 'non-finite' ? 'NON_FINITE_OBSERVATION' : 'ENV_FAILED';
    throw new GymwireError(code, `${what}: the simulator returned a bad observation: ${wrong.message}`, {
      details: wrong.details,
    });
  }
}

/** Whether an info holds but what can always travel: no need to try. */
function isPlain(info: Info): boolean {
  for (const key in info) {
    const kind = typeof info[key];
    if (kind !== 'number' && kind !== 'boolean' && kind !== 'string') return false;
  }
  return true;
}

/** Faults of the simulator get its own message; coded errors pass. */
function rethrow(what: string, thrown: unknown): never {
  if (thrown instanceof GymwireError) throw thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  throw new GymwireError('ENV_FAILED', `${what}: the simulator failed: ${message}`, { cause: thrown });
}
