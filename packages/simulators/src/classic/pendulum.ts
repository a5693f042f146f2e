import type { Env, EnvResetOptions } from '@gymwire/env';
import {
  box,
  type Frame,
  type ResetResult,
  type StepResult,
  type Tensor,
  type Value,
} from '@gymwire/protocol';
import { cos, sin } from '../math/sin-cos.ts';
import { square } from '../math/square.ts';
import { square32 } from '../math/square32.ts';
import { Canvas } from './canvas.ts';
import { floatOption, singleAction } from './gym-arguments.ts';

/** What Gymnasium registers besides the simulator. */
export const pendulumSpec = {
  id: 'Pendulum-v1',
  maxEpisodeSteps: 200,
  renderModes: ['rgb_array'],
  renderFps: 30,
} as const;

export interface PendulumArguments {
  /** Gravity in m/s^2; Gymnasium's default is 10. */
  readonly g: number;
}

const MAX_SPEED = 8;
const MAX_TORQUE = 2;
const TIME_STEP_S = 0.05;
const DEFAULT_ANGLE = Math.PI;
const DEFAULT_SPEED = 1;
const ARROW = [40, 40, 120] as const;

/**
 * Gymnasium 1.4's Pendulum-v1: swing a pole of 1 m and 1 kg up by a torque in ±2 N m.
 * Same seed and actions, same bits: observation [cos, sin, angular velocity], reward float64, no end.
 */
export function createPendulum(args: PendulumArguments): Env {
  return new Pendulum(args.g);
}

class Pendulum implements Env {
  readonly observationSpace = box([-1, -1, -MAX_SPEED], [1, 1, MAX_SPEED]);
  readonly actionSpace = box([-MAX_TORQUE], [MAX_TORQUE]);
  readonly #gravity: number;
  /** From upright, counter-clockwise, not wrapped. */
  #angle = 0;
  /** sin(angle): an observation shows it, the next step's physics needs it. */
  #sine = 0;
  #speed = 0;
  #torque = 0;

  constructor(gravity: number) {
    this.#gravity = gravity;
  }

  /** Options: x_init and y_init, the largest angle and speed to start with. */
  reset({ random, options }: EnvResetOptions): ResetResult {
    const maxAngle = floatOption(options, 'x_init', DEFAULT_ANGLE);
    const maxSpeed = floatOption(options, 'y_init', DEFAULT_SPEED);
    this.#setAngle(random.uniform(-maxAngle, maxAngle));
    this.#speed = random.uniform(-maxSpeed, maxSpeed);
    this.#torque = 0;
    return { observation: this.#observe(), info: {} };
  }

  /** The torque is float32 and stays so in every product with a constant (NEP 50); the state is float64. */
  step(action: Value): StepResult {
    const torque = Math.min(Math.max(singleAction(action), -MAX_TORQUE), MAX_TORQUE);
    const angle = this.#angle;
    const speed = this.#speed;
    this.#torque = torque;
    const torqueCost = Math.fround(Math.fround(0.001) * square32(torque));
    const cost = square(wrapAngle(angle)) + 0.1 * square(speed) + torqueCost;

    const acceleration = ((3 * this.#gravity) / 2) * this.#sine + Math.fround(3 * torque);
    const nextSpeed = speed + acceleration * TIME_STEP_S;
    this.#speed = Math.min(Math.max(nextSpeed, -MAX_SPEED), MAX_SPEED);
    this.#setAngle(angle + this.#speed * TIME_STEP_S);
    return { observation: this.#observe(), reward: -cost, terminated: false, truncated: false, info: {} };
  }

  /** 200 × 200: the pole, its axle, and an arc around it as long as the torque is strong. */
  render(): Frame {
    const canvas = new Canvas(200, 200);
    const centre = 100;
    const pole = 46;
    const x = centre - pole * Math.sin(this.#angle);
    const y = centre - pole * Math.cos(this.#angle);
    canvas.line(centre, centre, x, y, 18, [204, 77, 77]);
    canvas.disc(centre, centre, 4, [0, 0, 0]);
    if (this.#torque !== 0) drawTorque(canvas, centre, this.#torque);
    return canvas.frame();
  }

  #setAngle(angle: number): void {
    this.#angle = angle;
    this.#sine = sin(angle);
  }

  /** Filled in place, which costs half of float32([…]). */
  #observe(): Tensor<'float32'> {
    const data = new Float32Array(3);
    data[0] = cos(this.#angle);
    data[1] = this.#sine;
    data[2] = this.#speed;
    return { dtype: 'float32', shape: observationShape, data };
  }
}

const observationShape = [3] as const;

/** To [-pi, pi) with Python's sign of the remainder. */
function wrapAngle(angle: number): number {
  const turn = 2 * Math.PI;
  const remainder = (angle + Math.PI) % turn;
  return (remainder < 0 ? remainder + turn : remainder) - Math.PI;
}

/** An arrow bent around the axle, starting at its top; 2 N m make three quarters of a turn. */
function drawTorque(canvas: Canvas, centre: number, torque: number): void {
  const radius = 22;
  const sweep = (torque / MAX_TORQUE) * 1.5 * Math.PI;
  const segments = 24;
  const at = (turn: number, distance: number) =>
    [centre - distance * Math.sin(turn), centre - distance * Math.cos(turn)] as const;
  for (let i = 0; i < segments; i++) {
    canvas.line(...at((i / segments) * sweep, radius), ...at(((i + 1) / segments) * sweep, radius), 3, ARROW);
  }
  const back = sweep - Math.sign(torque) * 0.4;
  canvas.line(...at(sweep, radius), ...at(back, radius + 7), 3, ARROW);
  canvas.line(...at(sweep, radius), ...at(back, radius - 7), 3, ARROW);
}
