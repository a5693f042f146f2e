import type { Vector3 } from './scene.ts';

/** Where to look from, by MuJoCo's names (mjvCamera). */
export interface CameraSettings {
  /** From the point looked at, m; default: the model's extent. */
  readonly distance?: number;
  /** Azimuth of the viewing direction, degrees; default 90: towards positive y. */
  readonly azimuth?: number;
  /** Elevation of the viewing direction, degrees; default -45: from above. */
  readonly elevation?: number;
  /** Default: the median of the geoms' positions at the first picture. */
  readonly lookAt?: Vector3;
}
