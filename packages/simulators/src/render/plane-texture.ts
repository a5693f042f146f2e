import type { BoxFilter } from './box-filter.ts';
import { Ray } from './ray.ts';
import type { Solid } from './solid.ts';
import type { Viewfinder } from './viewfinder.ts';

/** A plane's texture as one camera sees it: each pixel gets the average of what it covers. */
export class PlaneTexture {
  readonly #filter: BoxFilter;
  readonly #perMetre: Float64Array;
  /** The camera's rays in the plane's frame: their origin, and from one pixel's direction to the next one's. */
  readonly #origin: Ray;
  readonly #stepX: Ray;
  readonly #stepY: Ray;
  readonly #area = new Float64Array(4);
  readonly #color = new Float64Array(3);

  constructor(plane: Solid, filter: BoxFilter, view: Viewfinder) {
    this.#filter = filter;
    this.#perMetre = Float64Array.from(plane.texturePerMetre);
    const ray = new Ray();
    view.aim(ray, 0, 0);
    this.#origin = plane.toLocal(ray, new Ray());
    this.#stepX = plane.toLocal(ray.towards(...view.stepX), new Ray());
    this.#stepY = plane.toLocal(ray.towards(...view.stepY), new Ray());
  }

  /** Multiplies the colour of the plane where it is met by a camera's ray. @param local in the plane's frame */
  tint({ dx, dy, dz }: Ray, color: Float64Array): void {
    const { ox, oy, oz } = this.#origin;
    const { dx: ax, dy: ay, dz: az } = this.#stepX;
    const { dx: bx, dy: by, dz: bz } = this.#stepY;
    const t = -oz / dz;
    // How far the place met moves from pixel to pixel: the derivative of o + t d with t = -oz / dz.
    const a = az / dz;
    const b = bz / dz;
    const width = t * (Math.abs(ax - a * dx) + Math.abs(bx - b * dx));
    const height = t * (Math.abs(ay - a * dy) + Math.abs(by - b * dy));
    const perX = this.#perMetre[0];
    const perY = this.#perMetre[1];
    // MuJoCo's mapping: the texture's corner half a texture from the middle, its v downwards.
    const area = this.#area;
    area[0] = (ox + t * dx) * perX - 0.5;
    area[1] = -(oy + t * dy) * perY - 0.5;
    area[2] = width * perX;
    area[3] = height * perY;
    this.#filter.sample(area, this.#color);
    color[0] *= this.#color[0];
    color[1] *= this.#color[1];
    color[2] *= this.#color[2];
  }
}
