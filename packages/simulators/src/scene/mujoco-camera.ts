import type { MainModule, MjData, MjModel, MjvCamera } from '@mujoco/mujoco';
import type { CameraSettings } from './camera-settings.ts';

/** The name of the camera that Gymnasium's models follow their robot with. */
const TRACKING_CAMERA = 'track';

/**
 * The model's own camera "track" where it has one; otherwise a free camera with these settings. Gymnasium's
 * default was the same up to its version 1.2; later ones always take the free camera, which a runner leaves.
 */
export function placeCamera(
  camera: MjvCamera,
  module: MainModule,
  model: MjModel,
  data: MjData,
  settings: CameraSettings,
): void {
  const { mjtCamera, mjtObj } = module;
  const tracking = module.mj_name2id(model, mjtObj.mjOBJ_CAMERA.value, TRACKING_CAMERA);
  if (tracking >= 0) {
    camera.type = mjtCamera.mjCAMERA_FIXED.value;
    camera.fixedcamid = tracking;
    return;
  }
  const { stat } = model;
  camera.type = mjtCamera.mjCAMERA_FREE.value;
  camera.distance = settings.distance ?? stat.extent;
  camera.azimuth = settings.azimuth ?? 90;
  camera.elevation = settings.elevation ?? -45;
  const lookAt: unknown = camera.lookat;
  if (lookAt instanceof Float64Array) lookAt.set(settings.lookAt ?? medianPosition(data));
  stat.delete();
}

function medianPosition(data: MjData): number[] {
  const positions: unknown = data.geom_xpos;
  if (!(positions instanceof Float64Array)) return [0, 0, 0];
  return [0, 1, 2].map((axis) => median(positions.filter((_, i) => i % 3 === axis)));
}

function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
