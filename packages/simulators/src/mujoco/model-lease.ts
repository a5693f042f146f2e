import type { MujocoModel } from './mujoco-model.ts';

/** One simulation's share of a model. */
export interface ModelLease {
  /** MuJoCo's own objects: a `MainModule` and an `MjModel` by @mujoco/mujoco's types. */
  readonly module: object;
  readonly raw: object;
  readonly model: MujocoModel;
  /** The last share to be released frees the model. */
  release(): void;
}
