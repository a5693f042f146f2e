import type { Env, EnvResetOptions } from '@gymwire/env';
import {
  box,
  type Frame,
  GymwireError,
  type ResetResult,
  type StepResult,
  type Tensor,
  type Value,
} from '@gymwire/protocol';
import { cos } from '../math/sin-cos.ts';
import { Canvas } from './canvas.ts';
import { floatOption, singleAction } from './gym-arguments.ts';

/** What Gymnasium registers besides the simulator. */
export const mountainCarContinuousSpec = {
  id: 'MountainCarContinuous-v0',
  maxEpisodeSteps: 999,
  rewardThreshold: 90,
  renderModes: ['rgb_array'],
  renderFps: 30,
} as const;

export interface MountainCarContinuousArguments {
  /** The least velocity at which arriving counts; Gymnasium's default is 0. */
  readonly goalVelocity: number;
}

const MIN_POSITION = -1.2;
const MAX_POSITION = 0.6;
const MAX_SPEED = 0.07;
const GOAL_POSITION = 0.45;
const POWER = 0.0015;
const GRAVITY = 0.0025;

/**
 * Gymnasium 1.4's MountainCarContinuous-v0: drive an underpowered car out of a valley by a force in ±1.
 * Same seed and actions, same bits: observation [position, velocity], reward 100 at the goal less 0.1 action^2.
 */
export function createMountainCarContinuous(args: MountainCarContinuousArguments): Env {
  return new MountainCarContinuous(args.goalVelocity);
}

class MountainCarContinuous implements Env {
  readonly observationSpace = box([MIN_POSITION, -MAX_SPEED], [MAX_POSITION, MAX_SPEED]);
  readonly actionSpace = box([-1], [1]);
  readonly #goalVelocity: number;
  #position = 0;
  #velocity = 0;
  /** The state is float64 after a reset and float32 after every step. */
  #isFloat32 = false;

  constructor(goalVelocity: number) {
    this.#goalVelocity = goalVelocity;
  }

  /** Options: low and high, between which the car starts. */
  reset({ random, options }: EnvResetOptions): ResetResult {
    const low = floatOption(options, 'low', -0.6);
    const high = floatOption(options, 'high', -0.4);
    if (low > high) {
      throw new GymwireError(
        'INVALID_ARGUMENT',
        `reset options: Lower bound (${low}) must be lower than higher bound (${high}).`,
        { details: { argument: 'low' } },
      );
    }
    this.#position = random.uniform(low, high);
    this.#velocity = 0;
    this.#isFloat32 = false;
    return { observation: this.#observe(), info: {} };
  }

  step(action: Value): StepResult {
    const push = singleAction(action);
    const isFloat32 = this.#isFloat32;
    /** NumPy's result of an operation between a Python float and the state, by the state's dtype (NEP 50). */
    const round = (x: number) => (isFloat32 ? Math.fround(x) : x);
    let velocity = round(this.#velocity + round(pushedVelocity(push, round(3 * this.#position))));
    // A clamped value is a Python float: double precision until it meets the state again.
    const clamped = Math.abs(velocity) > round(MAX_SPEED);
    if (clamped) velocity = Math.sign(velocity) * MAX_SPEED;

    let position = round(this.#position + round(velocity));
    if (position > round(MAX_POSITION)) position = round(MAX_POSITION);
    if (position < round(MIN_POSITION)) position = round(MIN_POSITION);
    if (position === round(MIN_POSITION) && velocity < 0) velocity = 0;

    const goalVelocity = clamped ? this.#goalVelocity : round(this.#goalVelocity);
    const terminated = position >= round(GOAL_POSITION) && velocity >= goalVelocity;
    // The cost is the action's as it came, beyond the bounds too; squares of float32 values are exact.
    const reward = (terminated ? 100 : 0) - push * push * 0.1;

    this.#position = Math.fround(position);
    this.#velocity = Math.fround(velocity);
    this.#isFloat32 = true;
    return { observation: this.#observe(), reward, terminated, truncated: false, info: {} };
  }

  /** 300 × 200: the hill, the flag at the goal, the car. */
  render(): Frame {
    const canvas = new Canvas(300, 200);
    const scale = canvas.width / (MAX_POSITION - MIN_POSITION);
    const toX = (position: number) => (position - MIN_POSITION) * scale;
    const toY = (position: number) => canvas.height - 8 - (0.45 * Math.sin(3 * position) + 0.55) * scale;

    for (let i = 0; i < 100; i++) {
      const from = MIN_POSITION + (i / 100) * (MAX_POSITION - MIN_POSITION);
      const to = MIN_POSITION + ((i + 1) / 100) * (MAX_POSITION - MIN_POSITION);
      canvas.line(toX(from), toY(from), toX(to), toY(to), 2, [0, 0, 0]);
    }
    drawFlag(canvas, toX(GOAL_POSITION), toY(GOAL_POSITION));
    const slope = Math.atan(1.35 * Math.cos(3 * this.#position));
    drawCar(canvas, toX(this.#position), toY(this.#position), slope);
    return canvas.frame();
  }

  /** Filled in place, which costs half of float32([…]). */
  #observe(): Tensor<'float32'> {
    const data = new Float32Array(2);
    data[0] = this.#position;
    data[1] = this.#velocity;
    return { dtype: 'float32', shape: [2], data };
  }
}

/**
 * What motor and slope add to the velocity. An action within bounds is float32, and so is the sum; one beyond is
 * replaced by Python's 1.0, and the sum is a double.
 */
function pushedVelocity(push: number, tripledPosition: number): number {
  const slope = GRAVITY * cos(tripledPosition);
  if (push > 1) return POWER - slope;
  if (push < -1) return -POWER - slope;
  return Math.fround(Math.fround(push * Math.fround(POWER)) - Math.fround(slope));
}

function drawFlag(canvas: Canvas, x: number, y: number): void {
  canvas.line(x, y, x, y - 26, 1.5, [0, 0, 0]);
  for (let i = 0; i <= 6; i++)
    canvas.line(x + 1, y - 25 + i, x + 1 + 2 * Math.min(i, 6 - i) + 4, y - 22, 1, [204, 204, 0]);
}

function drawCar(canvas: Canvas, x: number, y: number, slope: number): void {
  const along = [Math.cos(slope), -Math.sin(slope)] as const;
  const at = (forward: number, up: number) =>
    [x + forward * along[0] + up * along[1], y + forward * along[1] - up * along[0]] as const;
  canvas.line(...at(-7, 8), ...at(7, 8), 8, [0, 0, 0]);
  canvas.disc(...at(-6, 4), 4, [128, 128, 128]);
  canvas.disc(...at(6, 4), 4, [128, 128, 128]);
}
