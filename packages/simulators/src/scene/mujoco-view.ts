import type { MainModule, MjData, MjModel } from '@mujoco/mujoco';
import type { CameraSettings } from './camera-settings.ts';
import { MujocoAssets } from './mujoco-assets.ts';
import { placeCamera } from './mujoco-camera.ts';
import { readScene } from './mujoco-scene.ts';
import type { Scene } from './scene.ts';

/** What there is to be seen of a simulation, for whatever draws it. */
export interface MujocoView {
  /** The state there is now, as MuJoCo's arrays have it; nothing is computed anew and nothing changes. */
  read(): Scene;
  /** Frees memory of MuJoCo's; the model and the data are the caller's. */
  close(): void;
}

/** More than these are not drawn; Gymnasium's default. */
const MAX_GEOMS = 1000;

/** @param simulated MuJoCo's own objects, of `MujocoSimulation.raw` */
export function createMujocoView(
  simulated: { readonly module: object; readonly model: object; readonly data: object },
  camera: CameraSettings = {},
): MujocoView {
  const module = simulated.module as MainModule;
  const model = simulated.model as MjModel;
  const data = simulated.data as MjData;
  const assets = MujocoAssets.of(model);
  const scene = new module.MjvScene(model, MAX_GEOMS);
  const option = new module.MjvOption();
  const perturbation = new module.MjvPerturb();
  const view = new module.MjvCamera();
  placeCamera(view, module, model, data, camera);
  const everything = module.mjtCatBit.mjCAT_ALL.value;
  return {
    read() {
      module.mjv_updateScene(model, data, option, perturbation, view, everything, scene);
      return readScene(scene, assets);
    },
    close() {
      for (const part of [scene, option, perturbation, view]) part.delete();
    },
  };
}
