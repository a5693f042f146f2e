/**
 * One environment of a session, held to Gymnasium's order: TimeLimit around OrderEnforcing around the simulator.
 * Faults of the simulator become ENV_FAILED with its own message, and the episode is over.
 */
import {
  type AutoresetMode,
  type Frame,
  GymwireError,
  type Info,
  type ResetResult,
  type Seed,
  type StepResult,
  type Value,
} from '@gymwire/protocol';
import type { Env } from '../env.ts';
import { createRandomGenerator } from '../seeding/create-random-generator.ts';
import type { RandomGenerator } from '../seeding/random-generator.ts';
import { findMismatch } from './space-member.ts';

/** A step, and with same-step autoreset the end of the episode that it replaced. */
export interface SlotStep extends StepResult {
  readonly final?: { readonly observation: Value; readonly info: Info };
}

type Phase =
  /** No reset yet. */
  | 'new'
  | 'running'
  /** The episode ended; only a reset may follow. */
  | 'ended'
  /** The simulator failed in mid-episode; only a reset may follow. */
  | 'failed';

export class EnvSlot {
  readonly #env: Env;
  readonly #maxEpisodeSteps: number;
  readonly #autoresetMode: AutoresetMode;
  #random: RandomGenerator | undefined;
  #phase: Phase = 'new';
  #elapsedSteps = 0;
  #observation: Value = null;

  constructor(env: Env, maxEpisodeSteps: number | undefined, autoresetMode: AutoresetMode) {
    this.#env = env;
    this.#maxEpisodeSteps = maxEpisodeSteps ?? Number.POSITIVE_INFINITY;
    this.#autoresetMode = autoresetMode;
  }

  /** The last observation that a reset or step returned. */
  get observation(): Value {
    return this.#observation;
  }

  /** Why a step is not possible now; undefined when it is. */
  get obstacle(): string | undefined {
    switch (this.#phase) {
      case 'new':
        return 'has not been reset yet';
      case 'failed':
        return 'failed; reset it first';
      case 'ended':
        return this.ignoresAction ? undefined : 'has ended its episode; reset it first';
      case 'running':
        return undefined;
    }
  }

  /** next-step autoreset: the coming step only resets. */
  get ignoresAction(): boolean {
    return this.#phase === 'ended' && this.#autoresetMode === 'next-step';
  }

  async reset(seed?: Seed, options?: Info): Promise<ResetResult> {
    if (seed !== undefined || this.#random === undefined) this.#random = createRandomGenerator(seed);
    this.#phase = 'failed';
    const random = this.#random;
    const result = await this.#guard('reset', () =>
      this.#env.reset({
        random,
        ...(seed === undefined ? {} : { seed }),
        ...(options === undefined ? {} : { options }),
      }),
    );
    this.#checkObservation(result.observation, 'reset');
    this.#phase = 'running';
    this.#elapsedSteps = 0;
    this.#observation = result.observation;
    return result;
  }

  async step(action: Value): Promise<SlotStep> {
    if (this.ignoresAction) {
      const { observation, info } = await this.reset();
      return { observation, reward: 0, terminated: false, truncated: false, info };
    }
    const step = await this.#stepOnce(action);
    const ended = step.terminated || step.truncated;
    if (!ended || this.#autoresetMode !== 'same-step') return step;
    const { observation, info } = await this.reset();
    return { ...step, observation, info, final: { observation: step.observation, info: step.info } };
  }

  async #stepOnce(action: Value): Promise<StepResult> {
    this.#phase = 'failed';
    const step = await this.#guard('step', () => this.#env.step(action));
    this.#checkObservation(step.observation, 'step');
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
    return { ...step, truncated };
  }

  async render(): Promise<Frame> {
    if (this.#phase === 'new')
      throw new GymwireError('NOT_RESET', 'render: the environment has not been reset yet');
    return this.#guard('render', () => {
      if (this.#env.render === undefined)
        throw new GymwireError('UNSUPPORTED', 'this environment does not render');
      return this.#env.render();
    });
  }

  async close(): Promise<void> {
    await this.#guard('close', () => this.#env.close?.());
  }

  async #guard<T>(what: string, call: () => T | Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof GymwireError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      throw new GymwireError('ENV_FAILED', `${what}: the simulator failed: ${message}`, { cause: error });
    }
  }

  #checkObservation(observation: Value, what: string): void {
    const wrong = findMismatch(this.#env.observationSpace, observation, 'observation', false);
    if (wrong === undefined) return;
    const code = wrong.kind === 'non-finite' ? 'NON_FINITE_OBSERVATION' : 'ENV_FAILED';
    throw new GymwireError(code, `${what}: the simulator returned a bad observation: ${wrong.message}`, {
      details: wrong.details,
    });
  }
}
