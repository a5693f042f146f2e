export type { CameraSettings } from '../render/camera-settings.ts';
export { createMujocoEnv, type MujocoTask, type MujocoTaskRules } from './create-mujoco-env.ts';
export { mujocoEnvs } from './gymnasium/gymnasium-envs.ts';
export { type MujocoEnvFile, mujocoEnvFromFile } from './gymnasium/mujoco-env-from-file.ts';
export { type ModelEnvFile, modelEnvFromFile } from './model-env-from-file.ts';
export type { CompiledModel, ModelSource, MujocoModel, NamedObject, XmlModel } from './mujoco-model.ts';
export {
  createSimulation,
  type MujocoObjects,
  type MujocoSimulation,
  type SimulationArrays,
} from './mujoco-simulation.ts';
export { readMujocoModel } from './read-mujoco-model.ts';
export type { WarningCounts, WarningKind } from './warning-kinds.ts';
