import type { EnvRegistration } from '@gymwire/env';
import { argumentDefaults, resolveArguments } from '@gymwire/env/host';
import { GymwireError, type ValueDict } from '@gymwire/protocol';
import { createGymnasiumSimulation, registrationOf } from '../mujoco/gymnasium/gymnasium-envs.ts';
import { gymnasiumTasks } from '../mujoco/gymnasium/gymnasium-tasks.ts';
import { nodeEngine } from './node-engine.ts';
import { readMujocoModel } from './read-mujoco-model.ts';

export interface MujocoEnvFile {
  /** The id of the new environment, with a version: "Quadruped-v0". */
  readonly id: string;
  /** Which of `mujocoEnvs` gives rules and arguments: "Ant-v5". */
  readonly task: string;
  /** The MJCF file. What it names is found where native MuJoCo finds it; see `readMujocoModel`. */
  readonly path: string;
  /** Defaults of the task's keyword arguments that suit the model, by Gymnasium's names. */
  readonly arguments?: ValueDict;
  readonly maxEpisodeSteps?: number;
}

/**
 * One of Gymnasium's MuJoCo tasks on a model of one's own, like `xml_file` there. For whoever runs the server:
 * clients name the id and never see the path.
 *
 * @throws GymwireError INVALID_ARGUMENT for an unknown task, a bad argument, a file that cannot be read, or a model
 *   that lacks what the task needs; ENV_FAILED with MuJoCo's message and line when the model is wrong
 */
export async function mujocoEnvFromFile(options: MujocoEnvFile): Promise<EnvRegistration> {
  const task = gymnasiumTasks.find(({ id }) => id === options.task);
  if (task === undefined) {
    const known = gymnasiumTasks.map(({ id }) => id).join(', ');
    throw new GymwireError('INVALID_ARGUMENT', `task: expected one of ${known}; got ${options.task}`);
  }
  const source = await readMujocoModel(options.path);
  const given = options.arguments ?? {};
  const defaults = resolveArguments(options.id, task.arguments, given);
  // Made once now, so that a bad model is known before anybody asks for it.
  const { env, simulation } = await createGymnasiumSimulation(nodeEngine, task, source, defaults);
  env.close();
  const { rewardThreshold: _, ...registration } = registrationOf(task);
  return {
    ...registration,
    id: options.id,
    maxEpisodeSteps: options.maxEpisodeSteps ?? task.maxEpisodeSteps,
    renderFps: Math.round(1 / simulation.timeStep),
    arguments: argumentDefaults(task.arguments, given),
    make: async (args) => (await createGymnasiumSimulation(nodeEngine, task, source, args)).env,
  };
}
