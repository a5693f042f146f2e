import type { Lighting } from './lighting.ts';
import type { PlaneTexture } from './plane-texture.ts';
import { Ray } from './ray.ts';
import type { Solid } from './solid.ts';
import type { Viewfinder } from './viewfinder.ts';

interface Highlight {
  /** Towards the lamp, in the plane's frame. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly rgb: Float64Array;
}

/**
 * A plane without shadows and mirror images on it, in lamps that are endlessly far away: all of it is lit alike
 * but for highlights. Most of many pictures is that, and this is several times faster than asking each ray.
 */
export class PlainFloor {
  /** Bit i: light i does not reach it. */
  shadows = 0;
  readonly #plane: Solid;
  readonly #texture: PlaneTexture | undefined;
  readonly #lit: Float64Array;
  readonly #highlights: Highlight[] = [];
  readonly #leastCosine: number;
  /** The camera's rays in the plane's frame: the one of the picture's upper left corner, and steps from pixel to pixel. */
  readonly #corner: Ray;
  readonly #stepX: Ray;
  readonly #stepY: Ray;
  readonly #ray = new Ray();

  constructor(plane: Solid, lighting: Lighting, texture: PlaneTexture | undefined, view: Viewfinder) {
    this.#plane = plane;
    this.#texture = texture;
    const own = plane.emission + lighting.ambient;
    this.#lit = plane.rgb.map((value) => own * value);
    this.#leastCosine = plane.dullCosine;
    const ray = new Ray();
    view.aim(ray, 0, 0);
    this.#corner = plane.toLocal(ray, new Ray());
    this.#stepX = plane.toLocal(ray.towards(...view.stepX), new Ray());
    this.#stepY = plane.toLocal(ray.towards(...view.stepY), new Ray());
    for (const [i, lamp] of lighting.lamps.entries()) {
      lamp.aimAt(ray);
      const { dx: x, dy: y, dz: z } = plane.toLocal(ray, new Ray());
      if (lamp.castsShadow && z <= 0) {
        this.shadows |= 1 << i;
        continue;
      }
      for (let k = 0; k < 3; k++) {
        this.#lit[k] += plane.rgb[k] * (lamp.ambient[k] + Math.max(0, z) * lamp.diffuse[k]);
      }
      if (plane.specular === 0 || z <= 0) continue;
      this.#highlights.push({ x, y, z, rgb: lamp.specular.map((value) => value * plane.specular) });
    }
  }

  /** Returns whether nothing but the plane is behind a rectangle of the picture. */
  fills(left: number, top: number, right: number, bottom: number): boolean {
    // What is true of the corners of a rectangle is true of it: planes are convex.
    return (
      this.#isMet(left, top) &&
      this.#isMet(right, top) &&
      this.#isMet(left, bottom) &&
      this.#isMet(right, bottom)
    );
  }

  /** The colour at a point of the picture. */
  paint(x: number, y: number, color: Float64Array): void {
    const { dx: ax, dy: ay, dz: az } = this.#stepX;
    const { dx: bx, dy: by, dz: bz } = this.#stepY;
    const dx = this.#corner.dx + x * ax + y * bx;
    const dy = this.#corner.dy + x * ay + y * by;
    const dz = this.#corner.dz + x * az + y * bz;
    color[0] = this.#lit[0];
    color[1] = this.#lit[1];
    color[2] = this.#lit[2];
    const ray = this.#ray.towards(dx, dy, dz);
    if (this.#highlights.length > 0) this.#addHighlights(ray, color);
    this.#texture?.tint(ray, color);
  }

  /** Adds highlights as `Lighting` does. With l to the lamp and e to the eye, |l + e|² is 2 + 2 l·e. */
  #addHighlights({ dx, dy, dz }: Ray, color: Float64Array): void {
    const eye = -1 / Math.sqrt(dx * dx + dy * dy + dz * dz);
    const leastSquare = this.#leastCosine * this.#leastCosine;
    for (const { x, y, z, rgb } of this.#highlights) {
      const square = 2 + 2 * eye * (x * dx + y * dy + z * dz);
      const along = z + eye * dz;
      if (along * along <= leastSquare * square) continue;
      const strength = (along / Math.sqrt(square)) ** this.#plane.sharpness;
      for (let i = 0; i < 3; i++) color[i] += strength * rgb[i];
    }
  }

  #isMet(x: number, y: number): boolean {
    const dx = this.#corner.dx + x * this.#stepX.dx + y * this.#stepY.dx;
    const dy = this.#corner.dy + x * this.#stepX.dy + y * this.#stepY.dy;
    const dz = this.#corner.dz + x * this.#stepX.dz + y * this.#stepY.dz;
    const { ox, oy, oz } = this.#corner;
    const t = -oz / dz;
    const { a, b } = this.#plane;
    return (
      dz < 0 && oz > 0 && (a === 0 || Math.abs(ox + t * dx) < a) && (b === 0 || Math.abs(oy + t * dy) < b)
    );
  }
}
