// Environments of Gymnasium's, and what one's own are made of from MuJoCo models, on Node. Pages: `./browser`.
export {
  createMountainCarContinuous,
  type MountainCarContinuousArguments,
} from './classic/mountain-car-continuous.ts';
export { createPendulum, type PendulumArguments } from './classic/pendulum.ts';
export { conformanceEnv } from './conformance/conformance-env.ts';
export type { MujocoTask, MujocoTaskRules } from './mujoco/make-task-env.ts';
export type {
  CompiledModel,
  ModelSource,
  MujocoModel,
  NamedObject,
  XmlModel,
} from './mujoco/mujoco-model.ts';
export type { MujocoObjects, MujocoSimulation, SimulationArrays } from './mujoco/mujoco-simulation.ts';
export type { WarningCounts, WarningKind } from './mujoco/warning-kinds.ts';
export { builtinEnvs } from './node/builtin-envs.ts';
export { type ModelEnvFile, modelEnvFromFile } from './node/model-env-from-file.ts';
export { type MujocoEnvFile, mujocoEnvFromFile } from './node/mujoco-env-from-file.ts';
export { mujocoEnvs } from './node/mujoco-envs.ts';
export { createMujocoEnv, createSimulation } from './node/node-engine.ts';
export { readMujocoModel } from './node/read-mujoco-model.ts';
export type { CameraSettings } from './scene/camera-settings.ts';
