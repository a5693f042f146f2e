import type { CubeTexture } from '../scene/scene.ts';
import type { Ray } from './ray.ts';

/**
 * A cube texture as sky, in MuJoCo's posture: its y is up, its z is backwards along the world's y.
 * @param color set to what lies in a ray's direction
 */
export function sampleSky(
  { faceSize, data }: CubeTexture,
  { dx: x, dy: y, dz: z }: Ray,
  color: Float64Array,
): void {
  // Faces and their axes: OpenGL 4.6 core, table 8.19; (s, t, r) = (x, z, -y).
  const [across, up, along] = [Math.abs(x), Math.abs(z), Math.abs(y)];
  let face: number;
  let u: number;
  let v: number;
  if (across >= up && across >= along) {
    face = x > 0 ? 0 : 1;
    u = (x > 0 ? y : -y) / across;
    v = -z / across;
  } else if (up >= along) {
    face = z > 0 ? 2 : 3;
    u = x / up;
    v = (z > 0 ? -y : y) / up;
  } else {
    face = y < 0 ? 4 : 5;
    u = (y < 0 ? x : -x) / along;
    v = -z / along;
  }
  const column = ((u + 1) / 2) * faceSize - 0.5;
  const row = ((v + 1) / 2) * faceSize - 0.5;
  const left = clamp(Math.floor(column), faceSize);
  const right = clamp(Math.floor(column) + 1, faceSize);
  const top = face * faceSize + clamp(Math.floor(row), faceSize);
  const bottom = face * faceSize + clamp(Math.floor(row) + 1, faceSize);
  const fx = column - Math.floor(column);
  const fy = row - Math.floor(row);
  const a = 3 * (top * faceSize + left);
  const b = 3 * (top * faceSize + right);
  const c = 3 * (bottom * faceSize + left);
  const d = 3 * (bottom * faceSize + right);
  for (let i = 0; i < 3; i++) {
    const upper = data[a + i] + fx * (data[b + i] - data[a + i]);
    const lower = data[c + i] + fx * (data[d + i] - data[c + i]);
    color[i] = (upper + fy * (lower - upper)) / 255;
  }
}

function clamp(index: number, size: number): number {
  return Math.min(Math.max(index, 0), size - 1);
}
