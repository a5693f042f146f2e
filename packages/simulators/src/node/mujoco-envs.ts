/** Gymnasium's MuJoCo tasks as environments that a server can make. */
import { readFile } from 'node:fs/promises';
import type { EnvRegistration } from '@gymwire/env';
import {
  createGymnasiumSimulation,
  gymnasiumModel,
  registrationOf,
} from '../mujoco/gymnasium/gymnasium-envs.ts';
import type { GymnasiumTask } from '../mujoco/gymnasium/gymnasium-task.ts';
import { gymnasiumTasks } from '../mujoco/gymnasium/gymnasium-tasks.ts';
import type { ModelSource } from '../mujoco/mujoco-model.ts';
import { nodeEngine } from './node-engine.ts';

const modelFolder = new URL('../../assets/gymnasium/', import.meta.url);

/** Gymnasium's MuJoCo v5 tasks, on its own model files. MuJoCo is loaded when the first of them is made. */
export const mujocoEnvs: readonly EnvRegistration[] = gymnasiumTasks.map((task) => ({
  ...registrationOf(task),
  make: async (args) => (await createGymnasiumSimulation(nodeEngine, task, await readModel(task), args)).env,
  heavy: true,
  module: { url: import.meta.url, exportName: 'mujocoEnvs' },
}));

const models = new Map<GymnasiumTask, Promise<ModelSource>>();

/** Read once: the same source makes simulations share one compiled model. */
function readModel(task: GymnasiumTask): Promise<ModelSource> {
  const source = models.get(task) ?? loadModel(task);
  models.set(task, source);
  return source;
}

async function loadModel(task: GymnasiumTask): Promise<ModelSource> {
  return gymnasiumModel(task, await readFile(new URL(task.modelFile, modelFolder), 'utf8'));
}
