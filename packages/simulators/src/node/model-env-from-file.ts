import type { EnvRegistration } from '@gymwire/env';
import { frameSkip } from '../mujoco/gymnasium/arguments.ts';
import { createMujocoEnv, createSimulation } from './node-engine.ts';
import { readMujocoModel } from './read-mujoco-model.ts';

export interface ModelEnvFile {
  /** The id of the new environment, with a version: "Arm-v0". */
  readonly id: string;
  /** The MJCF file. What it names is found where native MuJoCo finds it; see `readMujocoModel`. */
  readonly path: string;
}

/** The frame skip of most of Gymnasium's tasks. */
const usualFrameSkip = 5;
const maxEpisodeSteps = 1000;

/**
 * A model without a task, to be driven and watched: the observation is qpos, then qvel, float64 [nq + nv]; actions are
 * the model's controls, float32 [nu]; a step is five physics steps, or as many as a client's `frame_skip` says; the reward
 * is always 0 and no state ends an episode, which starts from the model's own initial state and is cut off after 1 000
 * steps. For whoever runs the server: clients name the id and never see the
 * path.
 *
 * @throws GymwireError INVALID_ARGUMENT for a file that cannot be read or a model without actuators; ENV_FAILED with
 *   MuJoCo's message and line when the model is wrong
 */
export async function modelEnvFromFile({ id, path }: ModelEnvFile): Promise<EnvRegistration> {
  const source = await readMujocoModel(path);
  const make = (physicsSteps: number) =>
    createMujocoEnv({
      ...source,
      frameSkip: physicsSteps,
      observation: ({ arrays }) => [...arrays.qpos, ...arrays.qvel],
      reward: () => 0,
    });
  // Made once now, so that a bad model is known before anybody asks for it.
  await (await make(usualFrameSkip)).close?.();
  const simulation = await createSimulation(source, usualFrameSkip);
  const { timeStep } = simulation;
  simulation.close();
  return {
    id,
    description: `A model without a task: positions and velocities, reward 0; a step is ${usualFrameSkip} physics steps, or frame_skip.`,
    maxEpisodeSteps,
    renderModes: ['rgb_array'],
    renderFps: Math.max(1, Math.round(1 / timeStep)),
    arguments: [frameSkip(usualFrameSkip)],
    make: (args) => make(args.number('frame_skip')),
  };
}
