import type { Solid } from './solid.ts';
import type { Viewfinder } from './viewfinder.ts';

const TILE = 16;

/** Which solids can be seen in which square of the picture, so that a pixel asks few of them. */
export class Tiles {
  readonly #columns: number;
  readonly #lists: readonly number[][];

  constructor(solids: readonly Solid[], view: Viewfinder) {
    const columns = Math.ceil(view.width / TILE);
    const rows = Math.ceil(view.height / TILE);
    this.#columns = columns;
    this.#lists = Array.from({ length: columns * rows }, () => []);
    for (const [index, solid] of solids.entries()) {
      const cover = view.cover(solid);
      if (cover === undefined) continue;
      const [left, top, right, bottom] = cover.map((edge) => Math.floor(edge / TILE));
      for (let row = Math.max(0, top); row <= Math.min(rows - 1, bottom); row++) {
        for (let column = Math.max(0, left); column <= Math.min(columns - 1, right); column++) {
          this.#lists[row * columns + column].push(index);
        }
      }
    }
  }

  /** Of the pixel in this column and row. */
  at(x: number, y: number): readonly number[] {
    return this.#lists[Math.floor(y / TILE) * this.#columns + Math.floor(x / TILE)];
  }
}
