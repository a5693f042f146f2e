/** A cart on a rail: push it to a target and hold it there. */
import type { Env, EnvRegistration, EnvResetOptions } from '@gymwire/env-server';
import { box, float32, type ResetResult, type StepResult, type Tensor, type Value } from '@gymwire/protocol';

/** m */
const RAIL_END = 1;
/** m/s */
const MAX_SPEED = 2;
/** m/s² at full force */
const STRENGTH = 4;
/** s */
const TIME_STEP = 0.05;

const clamp = (x: number, limit: number) => Math.min(Math.max(x, -limit), limit);

// #region cart
class Cart implements Env {
  /** Where the target is from here, position, speed. */
  readonly observationSpace = box(
    [-2 * RAIL_END, -RAIL_END, -MAX_SPEED],
    [2 * RAIL_END, RAIL_END, MAX_SPEED],
  );
  /** Force, as a part of the strength. */
  readonly actionSpace = box([-1], [1]);
  readonly #friction: number;
  #position = 0;
  #speed = 0;
  #target = 0;

  constructor(friction: number) {
    this.#friction = friction;
  }

  /** All chance comes from `random`: the same seed gives the same episode. */
  reset({ random }: EnvResetOptions): ResetResult {
    this.#position = random.uniform(-RAIL_END, RAIL_END);
    this.#target = random.uniform(-RAIL_END, RAIL_END);
    this.#speed = 0;
    return { observation: this.#observe(), info: {} };
  }

  /** The server has checked structure, shape, dtype and finiteness; bounds are the environment's own affair. */
  step(action: Value): StepResult {
    const force = clamp((action as Tensor<'float32'>).data[0], 1);
    const acceleration = STRENGTH * force - this.#friction * this.#speed;
    this.#speed = clamp(this.#speed + acceleration * TIME_STEP, MAX_SPEED);
    this.#position = clamp(this.#position + this.#speed * TIME_STEP, RAIL_END);
    const distance = Math.abs(this.#position - this.#target);
    const reward = -distance - 0.01 * force ** 2;
    return {
      observation: this.#observe(),
      reward,
      terminated: false,
      truncated: false, // the server counts the steps
      info: { distance },
    };
  }

  #observe() {
    return float32([this.#target - this.#position, this.#position, this.#speed]);
  }
}

/** What a server needs to know to offer it. */
export const cart: EnvRegistration = {
  id: 'Cart-v0',
  description: 'Push a cart to a target and hold it there.',
  maxEpisodeSteps: 100,
  arguments: [
    { name: 'friction', type: 'float', defaultValue: 0.5, minimum: 0, maximum: 10, description: '1/s' },
  ],
  make: (args) => new Cart(args.number('friction')),
};
// #endregion
