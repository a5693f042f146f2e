import type { BoxFilter } from './box-filter.ts';
import { Ray } from './ray.ts';
import type { Solid } from './solid.ts';
import type { Viewfinder } from './viewfinder.ts';

/** A plane's texture as one camera sees it: each pixel gets the average of what it covers. */
export class PlaneTexture {
  readonly #plane: Solid;
  readonly #filter: BoxFilter;
  readonly #local = new Ray();
  readonly #stepX: Ray;
  readonly #stepY: Ray;
  readonly #color = new Float64Array(3);

  constructor(plane: Solid, filter: BoxFilter, view: Viewfinder) {
    this.#plane = plane;
    this.#filter = filter;
    this.#stepX = new Ray();
    this.#stepY = new Ray();
    plane.toLocal(new Ray().towards(...view.stepX), this.#stepX);
    plane.toLocal(new Ray().towards(...view.stepY), this.#stepY);
  }

  /** Multiplies the colour of the plane where a camera's ray meets it. */
  tint(ray: Ray, color: Float64Array): void {
    const local = this.#local;
    this.#plane.toLocal(ray, local);
    const { ox, oy, oz, dx, dy, dz } = local;
    const x = ox - (oz / dz) * dx;
    const y = oy - (oz / dz) * dy;
    const { dx: ax, dy: ay, dz: az } = this.#stepX;
    const { dx: bx, dy: by, dz: bz } = this.#stepY;
    // Past the horizon the next pixel's ray meets nothing: t < 0.
    const s = -oz / (dz + az);
    const t = -oz / (dz + bz);
    if (s < 0 || t < 0) {
      this.#filter.sample(0, 0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, this.#color);
    } else {
      const width = Math.abs(ox + s * (dx + ax) - x) + Math.abs(ox + t * (dx + bx) - x);
      const height = Math.abs(oy + s * (dy + ay) - y) + Math.abs(oy + t * (dy + by) - y);
      const perX = this.#plane.texturePerMetre[0];
      const perY = this.#plane.texturePerMetre[1];
      // MuJoCo's mapping: the texture's corner half a texture from the middle, its v downwards.
      this.#filter.sample(x * perX - 0.5, -y * perY - 0.5, width * perX, height * perY, this.#color);
    }
    for (let i = 0; i < 3; i++) color[i] *= this.#color[i];
  }
}
