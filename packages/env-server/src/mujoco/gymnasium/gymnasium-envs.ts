/** Gymnasium's MuJoCo tasks as environments that a server can make. */
import { readFile } from 'node:fs/promises';
import type { EnvRegistration, ResolvedArguments } from '@gymwire/env';
import { MujocoEnv } from '../mujoco-env.ts';
import type { ModelSource } from '../mujoco-model.ts';
import { createSimulation, type MujocoSimulation } from '../mujoco-simulation.ts';
import { ant } from './ant.ts';
import type { GymnasiumTask } from './gymnasium-task.ts';
import { halfCheetah } from './half-cheetah.ts';
import { hopper } from './hopper.ts';
import { humanoid } from './humanoid.ts';
import { humanoidStandup } from './humanoid-standup.ts';
import { invertedDoublePendulum } from './inverted-double-pendulum.ts';
import { invertedPendulum } from './inverted-pendulum.ts';
import { pusher } from './pusher.ts';
import { reacher } from './reacher.ts';
import { swimmer } from './swimmer.ts';
import { walker2d } from './walker2d.ts';

export const gymnasiumTasks: readonly GymnasiumTask[] = [
  invertedPendulum,
  invertedDoublePendulum,
  reacher,
  pusher,
  swimmer,
  hopper,
  halfCheetah,
  walker2d,
  ant,
  humanoid,
  humanoidStandup,
];

/**
 * These models need up to 45 kB; MuJoCo's default of up to 15 MB each would fill the 4 GB that WebAssembly can
 * address with some 270 simulations.
 */
const ARENA_BYTES = 2 ** 20;

const modelFolder = new URL('../../../assets/gymnasium/', import.meta.url);

/** Gymnasium's MuJoCo v5 tasks, on its own model files. MuJoCo is loaded when the first of them is made. */
export const mujocoEnvs: readonly EnvRegistration[] = gymnasiumTasks.map((task) => ({
  ...registrationOf(task),
  make: async (args) => (await createGymnasiumSimulation(task, await readModel(task.modelFile), args)).env,
  heavy: true,
  module: { url: import.meta.url, exportName: 'mujocoEnvs' },
}));

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

/** @throws GymwireError ENV_FAILED when MuJoCo cannot load the model, INVALID_ARGUMENT when it lacks a body */
export async function createGymnasiumSimulation(
  task: GymnasiumTask,
  source: ModelSource,
  args: ResolvedArguments,
): Promise<{ env: MujocoEnv; simulation: MujocoSimulation }> {
  const simulation = await createSimulation(source, args.number('frame_skip'));
  try {
    return { env: new MujocoEnv(simulation, task.rules(simulation, args), task.camera), simulation };
  } catch (error) {
    simulation.close();
    throw error;
  }
}

const models = new Map<string, Promise<ModelSource>>();

/** Read once: the same source makes simulations share one compiled model. */
function readModel(file: string): Promise<ModelSource> {
  const source = models.get(file) ?? loadModel(file);
  models.set(file, source);
  return source;
}

async function loadModel(file: string): Promise<ModelSource> {
  const xml = await readFile(new URL(file, modelFolder), 'utf8');
  return { xml, name: file, arenaBytes: ARENA_BYTES };
}
