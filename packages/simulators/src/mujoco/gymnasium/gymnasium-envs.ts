/** Gymnasium's MuJoCo tasks as environments, on models that are handed in. */
import type { EnvRegistration, ResolvedArguments } from '@gymwire/env';
import type { MujocoEngine } from '../mujoco-engine.ts';
import { MujocoEnv } from '../mujoco-env.ts';
import type { ModelSource } from '../mujoco-model.ts';
import type { MujocoSimulation } from '../mujoco-simulation.ts';
import type { GymnasiumTask } from './gymnasium-task.ts';

/**
 * These models need up to 45 kB; MuJoCo's default of up to 15 MB each would fill the 4 GB that WebAssembly can
 * address with some 270 simulations.
 */
const ARENA_BYTES = 2 ** 20;

/** @param xml the text of `task.modelFile` */
export function gymnasiumModel({ modelFile }: GymnasiumTask, xml: string): ModelSource {
  return { xml, name: modelFile, arenaBytes: ARENA_BYTES };
}

export function registrationOf(task: GymnasiumTask): Omit<EnvRegistration, 'make'> {
  const { id, description, maxEpisodeSteps, rewardThreshold, renderFps } = task;
  return {
    id,
    description,
    maxEpisodeSteps,
    ...(rewardThreshold === undefined ? {} : { rewardThreshold }),
    renderModes: ['rgb_array'],
    renderFps,
    arguments: task.arguments,
  };
}

/**
 * One of Gymnasium's tasks as an environment, and the simulation in it, to be looked at.
 * @throws GymwireError ENV_FAILED when MuJoCo cannot load the model, INVALID_ARGUMENT when it lacks a body
 */
export async function createGymnasiumSimulation(
  engine: MujocoEngine,
  task: GymnasiumTask,
  source: ModelSource,
  args: ResolvedArguments,
): Promise<{ readonly env: MujocoEnv; readonly simulation: MujocoSimulation }> {
  const simulation = await engine.createSimulation(source, args.number('frame_skip'));
  try {
    const env = new MujocoEnv(simulation, task.rules(simulation, args), engine.draw, task.camera);
    return { env, simulation };
  } catch (error) {
    simulation.close();
    throw error;
  }
}
