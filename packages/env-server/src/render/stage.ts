import { Ray } from './ray.ts';
import type { Scene } from './scene.ts';
import { Solid } from './solid.ts';

/** A scene made ready for one picture, and the questions that rays ask it. */
export class Stage {
  readonly solids: readonly Solid[];
  /** The first plane that mirrors. */
  readonly mirror: Solid | undefined;
  /** What the last `nearest` found. */
  hit = -1;
  readonly #throwers: readonly Solid[];
  /** A sphere around all that throws shadows. */
  readonly #middle: Float64Array;
  readonly #radius: number;

  constructor({ geoms }: Scene) {
    this.solids = geoms.map((geom) => new Solid(geom));
    this.mirror = this.solids.find(({ shape, reflectance }) => shape === 'plane' && reflectance > 0);
    this.#throwers = this.solids.filter(({ castsShadow }) => castsShadow);
    const bounded = this.solids.filter(({ shape }) => shape !== 'plane');
    this.#middle = middleOf(bounded);
    const [x, y, z] = this.#middle;
    const reaches = bounded.map((solid) => Math.hypot(solid.x - x, solid.y - y, solid.z - z) + solid.bound);
    this.#radius = Math.max(0, ...reaches);
  }

  /**
   * The least t beyond `from` at which the ray enters one of these solids, whose index goes to `hit`; Infinity
   * and -1 where there is none.
   */
  nearest(ray: Ray, candidates: ArrayLike<number>, count: number, from: number): number {
    let nearest = Number.POSITIVE_INFINITY;
    this.hit = -1;
    for (let i = 0; i < count; i++) {
      const index = candidates[i];
      const t = this.solids[index].enter(ray);
      if (t >= nearest || t <= from) continue;
      nearest = t;
      this.hit = index;
    }
    return nearest;
  }

  /** As `nearest`, among all solids but planes. */
  nearestBounded(ray: Ray): number {
    let nearest = Number.POSITIVE_INFINITY;
    this.hit = -1;
    if (!passes(ray, this.#middle[0], this.#middle[1], this.#middle[2], this.#radius)) return nearest;
    for (let index = 0; index < this.solids.length; index++) {
      const solid = this.solids[index];
      if (solid.shape === 'plane' || !passes(ray, solid.x, solid.y, solid.z, solid.bound)) continue;
      const t = solid.enter(ray);
      if (t >= nearest) continue;
      nearest = t;
      this.hit = index;
    }
    return nearest;
  }

  /** Whether something but `except` is in the ray's way before t. */
  isBlocked(ray: Ray, t: number, except: Solid): boolean {
    if (!passes(ray, this.#middle[0], this.#middle[1], this.#middle[2], this.#radius)) return false;
    for (const solid of this.#throwers) {
      if (solid === except || !passes(ray, solid.x, solid.y, solid.z, solid.bound)) continue;
      if (solid.enter(ray) < t) return true;
    }
    return false;
  }
}

/** Whether a ray meets a sphere at some t > 0. */
function passes(
  { ox, oy, oz, dx, dy, dz }: Ray,
  centreX: number,
  centreY: number,
  centreZ: number,
  radius: number,
): boolean {
  const x = centreX - ox;
  const y = centreY - oy;
  const z = centreZ - oz;
  const along = x * dx + y * dy + z * dz;
  const outside = x * x + y * y + z * z - radius * radius;
  return outside <= 0 || (along > 0 && along * along >= outside * (dx * dx + dy * dy + dz * dz));
}

function middleOf(solids: readonly Solid[]): Float64Array {
  const middle = new Float64Array(3);
  for (const { x, y, z } of solids) {
    middle[0] += x / solids.length;
    middle[1] += y / solids.length;
    middle[2] += z / solids.length;
  }
  return middle;
}
