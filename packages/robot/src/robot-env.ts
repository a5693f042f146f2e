/** One session's view of a robot. */

import type { Env, EnvResetOptions } from '@gymwire/env';
import {
  type BoxSpace,
  type Info,
  type ResetResult,
  type StepResult,
  type Tensor,
  typedArrays,
  type Value,
} from '@gymwire/protocol';
import type { RobotDesk } from './robot-desk.ts';
import type { Observed } from './robot-messages.ts';
import type { RobotOptions } from './robot-options.ts';

export class RobotEnv implements Env {
  readonly observationSpace: BoxSpace;
  readonly actionSpace: BoxSpace;
  readonly #desk: RobotDesk;
  readonly #judge: RobotOptions['judge'];
  #previous: Float64Array = new Float64Array();

  constructor(desk: RobotDesk, { observationSpace, actionSpace, judge }: RobotOptions) {
    this.observationSpace = observationSpace;
    this.actionSpace = actionSpace;
    this.#desk = desk;
    this.#judge = judge;
  }

  /** May take minutes, or a person. */
  async reset({ seed, options = {} }: EnvResetOptions): Promise<ResetResult> {
    const observed = await this.#desk.reset(this, seed, options);
    this.#previous = observed.values;
    return { observation: this.#tensor(observed.values), info: this.#info(observed) };
  }

  /** Carried out at the next tick; the observation is that of the tick after. */
  async step(value: Value): Promise<StepResult> {
    if (!this.#desk.isHeldBy(this)) return this.#taken();
    const action = Float64Array.from((value as Tensor).data, Number);
    const observed = await this.#desk.act(this, action);
    const { values: observation, command } = observed;
    // The judge may compute in the arrays that it gets.
    const [seen, previousObservation] = [this.#tensor(observation), this.#previous];
    this.#previous = observation.slice();
    const verdict = this.#judge({ observation, previousObservation, action, command: command.slice() });
    const terminated = verdict.terminated ?? false;
    if (terminated) this.#desk.release(this, 'the episode is over', false);
    return {
      observation: seen,
      reward: verdict.reward,
      terminated,
      truncated: observed.isOver,
      info: { ...verdict.info, ...this.#info(observed) },
    };
  }

  detach(): void {
    this.#desk.release(this, "the client's stream ended", true);
  }

  close(): void {
    this.#desk.release(this, 'the session was closed', false);
    this.#desk.leave(this);
  }

  /** Nothing is known of what this session would have seen: its last observation ends the episode. */
  #taken(): StepResult {
    return {
      observation: this.#tensor(this.#previous),
      reward: 0,
      terminated: false,
      truncated: true,
      info: { stopped_by: 'another session reset the robot' },
    };
  }

  #tensor(values: Float64Array): Tensor {
    const { dtype, shape } = this.observationSpace.low;
    const data = dtype === 'float64' ? typedArrays.float64.from(values) : typedArrays.float32.from(values);
    return { dtype, shape, data };
  }

  #info(observed: Observed): Info {
    const { shape } = this.actionSpace.low;
    const flags = (data: readonly boolean[]): Tensor => ({
      dtype: 'bool',
      shape,
      data: Uint8Array.from(data, Number),
    });
    return {
      tick: BigInt(observed.tick),
      time_ms: observed.timeMs,
      tick_delay_ms: observed.tickDelayMs,
      observation_age_ms: observed.ageMs,
      command: { dtype: 'float64', shape, data: observed.command },
      range_limited: flags(observed.rangeLimited),
      rate_limited: flags(observed.rateLimited),
      late_ticks: BigInt(observed.lateTicks),
      missed_ticks: BigInt(observed.missedTicks),
      overruns: BigInt(observed.overruns),
      stopped_by: observed.stoppedBy,
    };
  }
}
