import type { Lamp } from './lamp.ts';
import { Ray } from './ray.ts';
import type { Solid } from './solid.ts';
import type { Stage } from './stage.ts';
import type { Viewfinder } from './viewfinder.ts';

export const TILE = 16;

/** A square of the picture. */
export interface Tile {
  readonly left: number;
  readonly top: number;
  /** Solids that can be seen in it. */
  readonly seen: number[];
  /** Solids that may throw a shadow on planes in it. */
  readonly throwing: number[];
  /** Solids whose mirror image may be in it. */
  readonly mirrored: number[];
}

/** What can be seen in which square of the picture, so that a pixel asks few solids. */
export class Tiles {
  readonly all: readonly Tile[];
  readonly #columns: number;
  readonly #rows: number;

  constructor(stage: Stage, lamps: readonly Lamp[], view: Viewfinder) {
    this.#columns = Math.ceil(view.width / TILE);
    this.#rows = Math.ceil(view.height / TILE);
    this.all = Array.from({ length: this.#columns * this.#rows }, (_, i) => ({
      left: (i % this.#columns) * TILE,
      top: Math.floor(i / this.#columns) * TILE,
      seen: [],
      throwing: [],
      mirrored: [],
    }));
    const planes = stage.solids.filter(({ shape }) => shape === 'plane');
    const sources = lamps.filter(({ castsShadow }) => castsShadow);
    for (const [index, solid] of stage.solids.entries()) {
      this.#visit(view.cover(solid), (tile) => tile.seen.push(index));
      if (solid.shape === 'plane') continue;
      if (stage.mirror !== undefined) {
        this.#visit(view.cover(solid, mirrorIn(stage.mirror)), (tile) => tile.mirrored.push(index));
      }
      if (!solid.castsShadow) continue;
      for (const lamp of sources) {
        for (const plane of planes) {
          this.#visit(view.cover(solid, throwOn(plane, lamp)), (tile) => tile.throwing.push(index));
        }
      }
    }
  }

  /** Returns the tile of the pixel in this column and row. */
  at(x: number, y: number): Tile {
    return this.all[Math.floor(y / TILE) * this.#columns + Math.floor(x / TILE)];
  }

  #visit(cover: readonly number[] | undefined, action: (tile: Tile) => void): void {
    if (cover === undefined) return;
    const [left, top, right, bottom] = cover.map((edge) => Math.floor(edge / TILE));
    for (let row = Math.max(0, top); row <= Math.min(this.#rows - 1, bottom); row++) {
      for (let column = Math.max(0, left); column <= Math.min(this.#columns - 1, right); column++) {
        action(this.all[row * this.#columns + column]);
      }
    }
  }
}

function mirrorIn(plane: Solid): (point: Float64Array) => void {
  const normal = [plane.rotation[2], plane.rotation[5], plane.rotation[8]] as const;
  return (point) => {
    const height = heightAbove(plane, point);
    for (let i = 0; i < 3; i++) point[i] -= 2 * height * normal[i];
  };
}

/** To where a lamp throws a point's shadow on a plane; NaN where it throws none. */
function throwOn(plane: Solid, lamp: Lamp): (point: Float64Array) => void {
  const ray = new Ray();
  return (point) => {
    ray.from(point[0], point[1], point[2]);
    lamp.aimAt(ray);
    const rise = ray.dx * plane.rotation[2] + ray.dy * plane.rotation[5] + ray.dz * plane.rotation[8];
    const height = heightAbove(plane, point);
    const t = rise > 0 ? height / rise : Number.NaN;
    point[0] -= t * ray.dx;
    point[1] -= t * ray.dy;
    point[2] -= t * ray.dz;
  };
}

function heightAbove({ rotation, x, y, z }: Solid, point: Float64Array): number {
  return (point[0] - x) * rotation[2] + (point[1] - y) * rotation[5] + (point[2] - z) * rotation[8];
}
