/**
 * One environment of a session, held to Gymnasium's order: TimeLimit around OrderEnforcing around the simulator.
 * Faults of the simulator become ENV_FAILED with its own message, and the episode is over.
 */

import { createRandomGenerator, type Env, type MaybePromise, type RandomGenerator } from '@gymwire/env';
import { chain, tellOperator } from '@gymwire/env/host';
import {
  type AutoresetMode,
  copyElements,
  copyOver,
  type Frame,
  GymwireError,
  type Info,
  messageOf,
  type ResetResult,
  type Seed,
  type Space,
  type StepResult,
  type Tensor,
  takeDict,
  type Value,
} from '@gymwire/protocol';
import { type Accessed, accessMember } from './access-member.ts';
import { BoundsWatch } from './bounds-watch.ts';
import { holdMember } from './held-member.ts';
import { ignoresAction, type Phase } from './phase.ts';
import { type OwnStep, type ReplyRules, readFrame, readReset, readStep } from './read-reply.ts';
import type { EnvsPlan } from './session-envs.ts';
import type { SlotStep } from './slot-step.ts';
import { callUserCode, isThenable, settled, simulatorFault } from './user-code.ts';

/** How an environment of a session is driven. */
export type SlotRules = Pick<
  EnvsPlan,
  'registration' | 'copies' | 'isVector' | 'maxEpisodeSteps' | 'autoresetMode'
>;

export interface SlotMeans extends Pick<ReplyRules, 'takeInfo' | 'budget'> {
  /** Where the slot's observations are held; undefined: in memory of the slot's own. */
  readonly row: Tensor | undefined;
}

export class EnvSlot {
  readonly #env: Env;
  readonly #space: Space;
  readonly #reply: ReplyRules;
  readonly #maxEpisodeSteps: number;
  readonly #autoresetMode: AutoresetMode;
  readonly #isOneOfMany: boolean;
  readonly #envId: string;
  readonly #index: number;
  /** The calls as errors name them. */
  readonly #calls: Readonly<Record<'reset' | 'step' | 'render' | 'close', string>>;
  #random: RandomGenerator | undefined;
  #phase: Phase = 'new';
  #elapsedSteps = 0;
  /** In memory of its own: the simulator may write into the array that it returned at any time. */
  #observation: Value = null;
  readonly #row: Tensor | undefined;
  /** What observations of a Box have. */
  readonly #shape: readonly number[] | undefined;
  #isAbandoned = false;
  readonly #step: OwnStep = { observation: null, reward: 0, terminated: false, truncated: false, info: {} };

  /**
   * @param space of the observations, as it was when the environment was made
   * @param index of the environment in its session
   * @param means shared with the slots that are called together, but for the row
   */
  constructor(env: Env, space: Space, index: number, rules: SlotRules, means: SlotMeans) {
    this.#env = env;
    this.#space = space;
    const { id } = rules.registration;
    const { takeInfo, budget, row } = means;
    this.#reply = { space, takeInfo, budget, watch: new BoundsWatch(id, space) };
    this.#row = row;
    this.#shape = space.type === 'box' ? [...space.low.shape] : undefined;
    const whose = rules.isVector ? ` of environment ${index}` : '';
    this.#calls = {
      reset: `reset${whose}`,
      step: `step${whose}`,
      render: `render${whose}`,
      close: `close${whose}`,
    };
    this.#maxEpisodeSteps = rules.maxEpisodeSteps ?? Number.POSITIVE_INFINITY;
    this.#autoresetMode = rules.autoresetMode;
    this.#isOneOfMany = rules.copies > 1;
    this.#envId = id;
    this.#index = index;
  }

  /** The last observation that a reset or step returned, until the next one does; null before. */
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
    const reply = callUserCode(this.#calls.reset, () =>
      this.#env.reset({
        random,
        ...(seed === undefined ? {} : { seed }),
        // The environments of a session have one message, and may write into what they get.
        ...(options === undefined ? {} : { options: takeDict(options, 'options').value }),
      }),
    );
    return chain(reply, (given) => this.#started(given));
  }

  #started(reply: ResetResult): ResetResult {
    const { observation, info } = readReset(reply, this.#reply, this.#calls.reset);
    this.#phase = 'running';
    this.#elapsedSteps = 0;
    return { observation: this.#hold(observation), info };
  }

  /**
   * @param nextSeeds one for each environment of the session: of a reset that this step brings
   * @returns what is written again by the next call
   */
  step(action: Value, nextSeeds?: BigUint64Array): MaybePromise<SlotStep> {
    if (ignoresAction(this.#phase, this.#autoresetMode)) {
      return chain(this.reset(nextSeeds?.[this.#index]), ({ observation, info }) => ({
        observation,
        reward: 0,
        terminated: false,
        truncated: false,
        info,
      }));
    }
    this.#phase = 'failed';
    const reply = this.#callStep(action);
    if (!(reply instanceof Promise)) return this.#finishStep(reply, nextSeeds);
    return reply.then((given) => this.#finishStep(given, nextSeeds));
  }

  /** What `callUserCode` does, without a function that would be made for each step. */
  #callStep(action: Value): MaybePromise<StepResult> {
    try {
      const reply = this.#env.step(action);
      return isThenable(reply) ? settled(this.#calls.step, reply) : reply;
    } catch (thrown) {
      throw simulatorFault(this.#calls.step, thrown);
    }
  }

  #finishStep(reply: StepResult, nextSeeds: BigUint64Array | undefined): MaybePromise<SlotStep> {
    const step = this.#step;
    readStep(reply, this.#reply, this.#calls.step, step);
    this.#elapsedSteps += 1;
    if (this.#elapsedSteps >= this.#maxEpisodeSteps) step.truncated = true;
    this.#phase = step.terminated || step.truncated ? 'ended' : 'running';
    step.observation = this.#hold(step.observation);
    if (this.#phase !== 'ended' || this.#autoresetMode !== 'same-step') return step;
    return this.#startNext(step, nextSeeds?.[this.#index]);
  }

  /** What the reset returns takes the place of the episode's last observation and info. */
  #startNext({ observation, info, ...ended }: StepResult, seed: Seed | undefined): MaybePromise<SlotStep> {
    const final = { observation: holdMember(this.#space, null, observation), info };
    return chain(this.reset(seed), (reset) => ({ ...ended, ...reset, final }));
  }

  #hold(observation: Value): Value {
    if (this.#row !== undefined) {
      copyOver(this.#row.data, (observation as Tensor).data);
      this.#observation = this.#row;
    } else if (this.#shape !== undefined) {
      // A single environment's goes out as it is, and may be kept by whoever gets it; those of several are stacked.
      const { dtype, data } = observation as Tensor;
      this.#observation = { dtype, shape: this.#shape, data: copyElements(dtype, data) };
    } else {
      const held = this.#isOneOfMany ? this.#observation : null;
      this.#observation = holdMember(this.#space, held, observation);
    }
    return this.#observation;
  }

  render(): MaybePromise<Frame> {
    if (this.#phase === 'new') {
      throw new GymwireError('NOT_RESET', 'render: the environment has not been reset yet');
    }
    const frame = callUserCode(this.#calls.render, () => {
      if (this.#env.render === undefined) {
        throw new GymwireError('UNSUPPORTED', 'this environment does not render');
      }
      return this.#env.render();
    });
    return chain(frame, (drawn) => readFrame(drawn, this.#calls.render, this.#reply.budget.maxBytes));
  }

  /** Whatever the phase is, and it stays. Never throws or rejects. @param args undefined: reads an attribute */
  access(name: string, args: readonly Value[] | undefined): MaybePromise<Accessed> {
    if (!this.#isAbandoned) return accessMember(this.#env, name, args, this.#reply.budget);
    return { fault: new GymwireError('SESSION_GONE', `${name}: the environment was given up`) };
  }

  /** Does not wait, and never throws: nobody is left to be told but the operator. */
  detach(): void {
    const tell = (thrown: unknown) =>
      tellOperator({
        source: this.#envId,
        kind: 'detach',
        where: '',
        message: `${this.#envId}: ${messageOf(thrown)}`,
        fields: { env: this.#envId },
      });
    try {
      const over: MaybePromise<unknown> = callUserCode('detach', () => this.#env.detach?.());
      if (over instanceof Promise) over.catch(tell);
    } catch (thrown) {
      tell(thrown);
    }
  }

  /** Nobody waits for the call that is under way: whenever it ends, the simulator is not asked to go on. */
  abandon(): void {
    this.#isAbandoned = true;
    this.detach();
  }

  async close(): Promise<void> {
    await callUserCode(this.#calls.close, () => this.#env.close?.());
  }
}
