import type { Scene } from '../scene/scene.ts';
import { Ray } from './ray.ts';
import { Solid } from './solid.ts';

/** A scene made ready for one picture, and the questions that rays ask it. */
export class Stage {
  readonly solids: readonly Solid[];
  /** The first plane that mirrors. */
  readonly mirror: Solid | undefined;
  /** What the last `nearest` found. */
  hit = -1;
  /** Indices of all that throw shadows. */
  readonly throwers: readonly number[];

  constructor({ geoms }: Scene) {
    this.solids = geoms.map((geom) => new Solid(geom));
    this.mirror = this.solids.find(({ shape, reflectance }) => shape === 'plane' && reflectance > 0);
    this.throwers = [...this.solids.keys()].filter((index) => this.solids[index].castsShadow);
  }

  /**
   * The least t beyond `from` at which the ray enters one of these solids, whose index goes to `hit`; Infinity
   * and -1 where there is none.
   */
  nearest(ray: Ray, candidates: readonly number[], from: number): number {
    let nearest = Number.POSITIVE_INFINITY;
    this.hit = -1;
    for (let i = 0; i < candidates.length; i++) {
      const index = candidates[i];
      const t = this.solids[index].enter(ray);
      if (t >= nearest || t <= from) continue;
      nearest = t;
      this.hit = index;
    }
    return nearest;
  }

  /** Returns whether one of these solids, but not `except`, is in the ray's way before t. */
  isBlocked(candidates: readonly number[], ray: Ray, t: number, except: Solid): boolean {
    for (let i = 0; i < candidates.length; i++) {
      const solid = this.solids[candidates[i]];
      if (solid === except || !passes(ray, solid)) continue;
      if (solid.enter(ray) < t) return true;
    }
    return false;
  }
}

/** Returns whether a ray meets the sphere around a solid at some t > 0. */
function passes({ ox, oy, oz, dx, dy, dz }: Ray, solid: Solid): boolean {
  const x = solid.x - ox;
  const y = solid.y - oy;
  const z = solid.z - oz;
  const along = x * dx + y * dy + z * dz;
  const outside = x * x + y * y + z * z - solid.bound * solid.bound;
  return outside <= 0 || (along > 0 && along * along >= outside * (dx * dx + dy * dy + dz * dz));
}
