import type { MaybePromise } from '@gymwire/env';
import type { Frame } from '@gymwire/protocol';
import type { CameraSettings } from '../scene/camera-settings.ts';
import { createMujocoView } from '../scene/mujoco-view.ts';
import { type DrawJob, drawHere } from './draw-job.ts';

export interface MujocoRenderer {
  /**
   * The state there is now, as MuJoCo's arrays have it; nothing is computed anew and nothing changes. A promise where
   * another thread draws: what happens to the simulation meanwhile is not in the picture.
   */
  render(): MaybePromise<Frame>;
  /** Frees memory of MuJoCo's; the model and the data are the caller's. */
  close(): void;
}

/** Pixels; Gymnasium's default. */
const SIZE = 480;

/** Pictures of a simulation without a graphics card. */
export function createMujocoRenderer(
  simulated: Parameters<typeof createMujocoView>[0],
  camera?: CameraSettings,
  draw: (job: DrawJob) => MaybePromise<Frame> = drawHere,
): MujocoRenderer {
  const view = createMujocoView(simulated, camera);
  return {
    render: () => draw({ scene: view.read(), width: SIZE, height: SIZE }),
    close: () => view.close(),
  };
}
