import type { Env, EnvResetOptions, MaybePromise } from '@gymwire/env';
import {
  arrayKind,
  type BoxSpace,
  box,
  type Frame,
  GymwireError,
  type Info,
  isTensor,
  type ResetResult,
  type StepResult,
  type Tensor,
  type Value,
} from '@gymwire/protocol';
import type { DrawJob } from '../render/draw-job.ts';
import { createMujocoRenderer, type MujocoRenderer } from '../render/mujoco-renderer.ts';
import type { CameraSettings } from '../scene/camera-settings.ts';
import type { MujocoSimulation } from './mujoco-simulation.ts';

/** What makes a task of a simulation. */
export interface TaskRules {
  /** Writes the initial state; the caller has put the model back before and computes what follows after. */
  start(options: EnvResetOptions): void;
  /** Returns the observation of the state there is; a fresh array. */
  observe(): Float64Array<ArrayBuffer>;
  /** The info of a reset. */
  startInfo(): Info;
  /** Advances the simulation by one step. */
  step(action: Float32Array): StepOutcome;
}

export interface StepOutcome {
  readonly reward: number;
  readonly terminated: boolean;
  readonly info: Info;
}

type Draw = (job: DrawJob) => MaybePromise<Frame>;

/** A simulation and a task's rules as an environment: float64 observations, float32 actions. */
export class MujocoEnv implements Env {
  readonly observationSpace: BoxSpace;
  readonly actionSpace: BoxSpace;
  readonly #simulation: MujocoSimulation;
  readonly #rules: TaskRules;
  readonly #shape: readonly [number];
  readonly #draw: Draw;
  readonly #camera: CameraSettings;
  /** From the first picture on. */
  #renderer: MujocoRenderer | undefined;

  constructor(simulation: MujocoSimulation, rules: TaskRules, draw: Draw, camera: CameraSettings = {}) {
    this.#simulation = simulation;
    this.#rules = rules;
    this.#draw = draw;
    this.#camera = camera;
    simulation.forward();
    this.#shape = [rules.observe().length];
    simulation.reset();
    this.observationSpace = unbounded(this.#shape);
    const { controlRange } = simulation.model;
    this.actionSpace = box(
      controlRange.filter((_, i) => i % 2 === 0),
      controlRange.filter((_, i) => i % 2 === 1),
    );
  }

  reset(options: EnvResetOptions): ResetResult {
    this.#simulation.reset();
    this.#rules.start(options);
    this.#simulation.forward();
    return { observation: this.#observe(), info: this.#withWarnings(this.#rules.startInfo()) };
  }

  step(action: Value): StepResult {
    if (!isTensor(action) || !isFloat32(action)) {
      throw new GymwireError('BAD_ACTION', 'action: expected a float32 array');
    }
    const { reward, terminated, info } = this.#rules.step(action.data);
    const told = this.#withWarnings(info);
    return { observation: this.#observe(), reward, terminated, truncated: false, info: told };
  }

  /** 480 × 480; changes nothing in the simulation. */
  render(): MaybePromise<Frame> {
    this.#renderer ??= createMujocoRenderer(this.#simulation.raw, this.#camera, this.#draw);
    return this.#renderer.render();
  }

  close(): void {
    this.#renderer?.close();
    this.#renderer = undefined;
    this.#simulation.close();
  }

  /** Only where MuJoCo warned since the reset: other infos are those of the task. */
  #withWarnings(info: Info): Info {
    const { warnings } = this.#simulation;
    return warnings === undefined ? info : { mujoco_warnings: warnings, ...info };
  }

  #observe(): Tensor<'float64'> {
    return { dtype: 'float64', shape: this.#shape, data: this.#rules.observe() };
  }
}

function unbounded(shape: readonly [number]): BoxSpace {
  const filled = (bound: number): Tensor<'float64'> => ({
    dtype: 'float64',
    shape,
    data: new Float64Array(shape[0]).fill(bound),
  });
  return { type: 'box', low: filled(Number.NEGATIVE_INFINITY), high: filled(Number.POSITIVE_INFINITY) };
}

/** By its kind: whoever steps this environment in a process of their own may have another realm's classes. */
function isFloat32(tensor: Tensor): tensor is Tensor<'float32'> {
  return arrayKind(tensor.data) === 'Float32Array';
}
