// What runs in a page too: tasks, MuJoCo, and what a scene draws. Model files and MuJoCo's WebAssembly are handed in.
export { classicEnvs } from './classic/classic-envs.ts';
export { createGymnasiumSimulation, gymnasiumModel } from './mujoco/gymnasium/gymnasium-envs.ts';
export type { GymnasiumTask } from './mujoco/gymnasium/gymnasium-task.ts';
export { gymnasiumTasks } from './mujoco/gymnasium/gymnasium-tasks.ts';
export { loadMujoco, type MujocoLoading } from './mujoco/load-mujoco.ts';
export type { MujocoTask, MujocoTaskRules } from './mujoco/make-task-env.ts';
export { MujocoEngine, type MujocoMachine } from './mujoco/mujoco-engine.ts';
export type { ModelSource, MujocoModel } from './mujoco/mujoco-model.ts';
export type { MujocoObjects, MujocoSimulation, SimulationArrays } from './mujoco/mujoco-simulation.ts';
export type { CameraSettings } from './scene/camera-settings.ts';
export { createMujocoView, type MujocoView } from './scene/mujoco-view.ts';
export type {
  AppliedTexture,
  Camera,
  CubeTexture,
  Geom,
  Light,
  Material,
  Mesh,
  Rgb,
  Scene,
  Shape,
  Texture,
  Vector3,
} from './scene/scene.ts';
