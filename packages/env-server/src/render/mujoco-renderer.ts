import type { MaybePromise } from '@gymwire/env';
import type { Frame } from '@gymwire/protocol';
import type { MainModule, MjData, MjModel } from '@mujoco/mujoco';
import type { CameraSettings } from './camera-settings.ts';
import { drawScene } from './draw-scene.ts';
import { MujocoAssets } from './mujoco-assets.ts';
import { placeCamera } from './mujoco-camera.ts';
import { readScene } from './mujoco-scene.ts';

export interface MujocoRenderer {
  /**
   * The state there is now, as MuJoCo's arrays have it; nothing is computed anew and nothing changes. A promise where
   * another thread draws: what happens to the simulation meanwhile is not in the picture.
   */
  render(): MaybePromise<Frame>;
  /** Frees memory of MuJoCo's; the model and the data are the caller's. */
  close(): void;
}

/** MuJoCo's own objects. */
interface Simulated {
  readonly module: MainModule;
  readonly model: MjModel;
  readonly data: MjData;
}

/** Pixels; Gymnasium's default. */
const SIZE = 480;
/** More than these are not drawn; Gymnasium's default. */
const MAX_GEOMS = 1000;

/** Pictures of a simulation without a graphics card. */
export function createMujocoRenderer(
  simulated: Readonly<Record<keyof Simulated, object>>,
  camera: CameraSettings = {},
): MujocoRenderer {
  const { module, model, data } = simulated as Simulated;
  const assets = MujocoAssets.of(model);
  const scene = new module.MjvScene(model, MAX_GEOMS);
  const option = new module.MjvOption();
  const perturbation = new module.MjvPerturb();
  const view = new module.MjvCamera();
  placeCamera(view, module, model, data, camera);
  const everything = module.mjtCatBit.mjCAT_ALL.value;
  return {
    render() {
      module.mjv_updateScene(model, data, option, perturbation, view, everything, scene);
      return drawScene({ scene: readScene(scene, assets), width: SIZE, height: SIZE });
    },
    close() {
      for (const part of [scene, option, perturbation, view]) part.delete();
    },
  };
}
