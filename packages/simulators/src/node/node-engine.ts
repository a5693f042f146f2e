import type { Env } from '@gymwire/env';
import type { MujocoTask } from '../mujoco/make-task-env.ts';
import { MujocoEngine } from '../mujoco/mujoco-engine.ts';
import type { ModelSource } from '../mujoco/mujoco-model.ts';
import type { MujocoSimulation } from '../mujoco/mujoco-simulation.ts';
import { compile } from './compile.ts';
import { drawScene } from './draw-scene.ts';
import { loadMujocoOnce } from './load-mujoco-once.ts';

/** The engine of this thread. Where it serves clients, it compiles and draws in threads of their own. */
export const nodeEngine = new MujocoEngine({
  load: loadMujocoOnce,
  compile: (name, source) => compile({ name, source }),
  draw: drawScene,
});

/** `MujocoEngine.createSimulation` on this machine. */
export function createSimulation(source: ModelSource, frameSkip: number): Promise<MujocoSimulation> {
  return nodeEngine.createSimulation(source, frameSkip);
}

/** `MujocoEngine.createEnv` on this machine. */
export function createMujocoEnv(task: MujocoTask): Promise<Env> {
  return nodeEngine.createEnv(task);
}
