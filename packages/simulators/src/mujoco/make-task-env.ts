import type { Env, EnvResetOptions, MaybePromise } from '@gymwire/env';
import { type Frame, GymwireError, type Info } from '@gymwire/protocol';
import type { DrawJob } from '../render/draw-job.ts';
import type { CameraSettings } from '../scene/camera-settings.ts';
import { MujocoEnv, type TaskRules } from './mujoco-env.ts';
import type { ModelSource } from './mujoco-model.ts';
import type { MujocoSimulation } from './mujoco-simulation.ts';

/** A task of one's own: a model and what is to be done with it. */
export type MujocoTask = ModelSource & MujocoTaskRules;

/** What is to be done with a model. */
export interface MujocoTaskRules {
  /** Physics steps of one environment step; default 1. */
  readonly frameSkip?: number;
  /** Numbers of the state there is; always as many. */
  readonly observation: (simulation: MujocoSimulation) => ArrayLike<number>;
  /** The reward of the step that has just been made. */
  readonly reward: (simulation: MujocoSimulation, action: Float32Array) => number;
  /** Returns whether the task is over, for better or worse; default: never. */
  readonly terminated?: (simulation: MujocoSimulation) => boolean;
  /** Writes an initial state into `simulation.arrays`; default: the model's own. All chance comes from `random`. */
  readonly reset?: (simulation: MujocoSimulation, options: EnvResetOptions) => void;
  /** Where to look from when it is drawn; a camera of the model's named "track" goes first. */
  readonly camera?: CameraSettings;
  /** After resets and steps; default: nothing. */
  readonly info?: (simulation: MujocoSimulation) => Info;
}

/** What makes simulations and their pictures: a `MujocoEngine`. */
export interface SimulationMaker {
  createSimulation(source: ModelSource, frameSkip: number): Promise<MujocoSimulation>;
  readonly draw: (job: DrawJob) => MaybePromise<Frame>;
}

/** `MujocoEngine.createEnv` */
export async function makeTaskEnv(maker: SimulationMaker, task: MujocoTask): Promise<Env> {
  const { frameSkip = 1, name = 'model' } = task;
  if (!Number.isInteger(frameSkip) || frameSkip < 1) {
    throw new GymwireError(
      'INVALID_ARGUMENT',
      `frameSkip: expected an integer of 1 or more, got ${frameSkip}`,
    );
  }
  const simulation = await maker.createSimulation(task, frameSkip);
  try {
    if (simulation.model.nu === 0) {
      throw new GymwireError(
        'INVALID_ARGUMENT',
        `${name}: the model has no actuators, so there is no action; a URDF never has: attach it to an MJCF model with some`,
      );
    }
    return new MujocoEnv(simulation, rulesOf(task, simulation), maker.draw, task.camera);
  } catch (error) {
    simulation.close();
    throw error;
  }
}

function rulesOf(task: MujocoTaskRules, simulation: MujocoSimulation): TaskRules {
  const { observation, reward, terminated, reset, info } = task;
  return {
    start: (options) => reset?.(simulation, options),
    observe: () => Float64Array.from(observation(simulation)),
    startInfo: () => info?.(simulation) ?? {},
    step(action) {
      simulation.advance(action);
      simulation.forward();
      return {
        reward: reward(simulation, action),
        terminated: terminated?.(simulation) ?? false,
        info: info?.(simulation) ?? {},
      };
    },
  };
}
