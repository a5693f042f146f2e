import type { Camera, Vector3 } from '../scene/scene.ts';
import type { Ray } from './ray.ts';
import type { Solid } from './solid.ts';

/** A camera and a picture's size: which ray a pixel sees, which pixels a solid covers. */
export class Viewfinder {
  readonly width: number;
  readonly height: number;
  readonly near: number;
  /** From a pixel's ray to the next one's, to the right and downwards. */
  readonly stepX: Vector3;
  readonly stepY: Vector3;
  readonly #position: Float64Array;
  readonly #forward: Float64Array;
  readonly #up: Float64Array;
  readonly #right: Float64Array;
  /** Tangent of half a pixel's height. */
  readonly #pixel: number;

  constructor(camera: Camera, width: number, height: number) {
    this.near = camera.near;
    this.#position = Float64Array.from(camera.position);
    this.#forward = Float64Array.from(camera.forward);
    this.#up = Float64Array.from(camera.up);
    this.width = width;
    this.height = height;
    const [fx, fy, fz] = camera.forward;
    const [ux, uy, uz] = camera.up;
    this.#right = Float64Array.of(fy * uz - fz * uy, fz * ux - fx * uz, fx * uy - fy * ux);
    this.#pixel = camera.tangent / height;
    const step = 2 * this.#pixel;
    const [rx, ry, rz] = this.#right;
    this.stepX = [step * rx, step * ry, step * rz];
    this.stepY = [-step * ux, -step * uy, -step * uz];
  }

  /**
   * The ray through a point of the picture, in pixels from its upper left corner: the middle of the first is
   * (0.5, 0.5). Its t is the distance along the camera's axis.
   */
  aim(ray: Ray, x: number, y: number): void {
    const across = (2 * x - this.width) * this.#pixel;
    const upwards = (this.height - 2 * y) * this.#pixel;
    const position = this.#position;
    const forward = this.#forward;
    const right = this.#right;
    const up = this.#up;
    ray.from(position[0], position[1], position[2]);
    ray.towards(
      forward[0] + across * right[0] + upwards * up[0],
      forward[1] + across * right[1] + upwards * up[1],
      forward[2] + across * right[2] + upwards * up[2],
    );
  }

  /** Where a point of the world is in the picture, and how far along the camera's axis. */
  project(x: number, y: number, z: number): [x: number, y: number, depth: number] {
    const position = this.#position;
    const along = (axis: Float64Array) =>
      axis[0] * (x - position[0]) + axis[1] * (y - position[1]) + axis[2] * (z - position[2]);
    const depth = along(this.#forward);
    const scale = 2 * depth * this.#pixel;
    return [this.width / 2 + along(this.#right) / scale, this.height / 2 - along(this.#up) / scale, depth];
  }

  /**
   * A rectangle of the picture around all that can be seen of a solid, or undefined: nothing can.
   * @param move to where a point is drawn, if not where it is, in a mirror image or a shadow; NaN: nowhere
   */
  cover(
    solid: Solid,
    move: (point: Float64Array) => void = stay,
  ): [left: number, top: number, right: number, bottom: number] | undefined {
    const everywhere = [0, 0, this.width, this.height] as [number, number, number, number];
    if (solid.shape === 'plane') return everywhere;
    const cover = [this.width, this.height, 0, 0] as [number, number, number, number];
    let corners = 0;
    for (const corner of solid.corners()) {
      move(corner);
      const [x, y, depth] = this.project(corner[0], corner[1], corner[2]);
      if (!(depth > this.near)) continue;
      corners += 1;
      cover[0] = Math.min(cover[0], x);
      cover[1] = Math.min(cover[1], y);
      cover[2] = Math.max(cover[2], x);
      cover[3] = Math.max(cover[3], y);
    }
    if (corners === 0) return undefined;
    return corners < 8 ? everywhere : cover;
  }
}

function stay(): void {}
