import type { Frame } from '@gymwire/protocol';
import type { Scene } from '../scene/scene.ts';
import { Lighting } from './lighting.ts';
import { PlainFloor } from './plain-floor.ts';
import { PlaneTexture } from './plane-texture.ts';
import { Ray } from './ray.ts';
import { sampleSky } from './sky.ts';
import type { Solid } from './solid.ts';
import { Stage } from './stage.ts';
import { TILE, type Tile, Tiles } from './tiles.ts';
import { Viewfinder } from './viewfinder.ts';

/** Where the four samples of an edge's pixel lie: a square turned, so that no two share a row or column. */
const SAMPLES = [
  [0.125, 0.375],
  [0.375, 0.875],
  [0.625, 0.125],
  [0.875, 0.625],
] as const;
/** See-through surfaces that are seen behind each other. */
const LAYERS = 6;

/**
 * Draws a scene by following a ray for each pixel, and four where edges are. The same scene gives the same bytes.
 */
export function renderScene(scene: Scene, width: number, height: number): Frame {
  const painter = new Painter(scene, width, height);
  const data = new Uint8Array(3 * width * height);
  const pixels = new Uint8ClampedArray(data.buffer);
  /** What each pixel shows; neighbours that differ have an edge between them. */
  const subjects = new Int32Array(width * height);
  const color = new Float64Array(3);
  for (const tile of painter.tiles.all) {
    const right = Math.min(tile.left + TILE, width);
    const bottom = Math.min(tile.top + TILE, height);
    const floor = painter.plainFloor(tile, right, bottom);
    const subject = floor === undefined ? 0 : subjectOf(tile.seen[0], floor.shadows);
    for (let y = tile.top; y < bottom; y++) {
      for (let x = tile.left; x < right; x++) {
        const at = y * width + x;
        if (floor === undefined) subjects[at] = painter.paint(x + 0.5, y + 0.5, tile, color);
        else {
          floor.paint(x + 0.5, y + 0.5, color);
          subjects[at] = subject;
        }
        put(pixels, 3 * at, color);
      }
    }
  }
  smooth(painter, subjects, pixels, width);
  return { width, height, data };
}

/** Replaces pixels at edges by the average of several samples. */
function smooth(painter: Painter, subjects: Int32Array, pixels: Uint8ClampedArray, width: number): void {
  const height = subjects.length / width;
  const color = new Float64Array(3);
  const sum = new Float64Array(3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isEdge(subjects, width, height, x, y)) continue;
      const tile = painter.tiles.at(x, y);
      sum.fill(0);
      for (const [dx, dy] of SAMPLES) {
        painter.paint(x + dx, y + dy, tile, color);
        for (let i = 0; i < 3; i++) sum[i] += Math.min(1, color[i]) / SAMPLES.length;
      }
      put(pixels, 3 * (y * width + x), sum);
    }
  }
}

/** Rounds and cuts off at 255. */
function put(data: Uint8ClampedArray, at: number, color: Float64Array): void {
  for (let i = 0; i < 3; i++) data[at + i] = 255 * color[i];
}

function isEdge(subjects: Int32Array, width: number, height: number, x: number, y: number): boolean {
  const at = y * width + x;
  const subject = subjects[at];
  return (
    (x > 0 && subjects[at - 1] !== subject) ||
    (x < width - 1 && subjects[at + 1] !== subject) ||
    (y > 0 && subjects[at - width] !== subject) ||
    (y < height - 1 && subjects[at + width] !== subject)
  );
}

/** A number that stands for a solid with these shadows and mirror images on it. */
function subjectOf(index: number, marks: number): number {
  return marks * 1024 + index + 1;
}

class Painter {
  readonly #scene: Scene;
  readonly #view: Viewfinder;
  readonly #stage: Stage;
  readonly #lighting: Lighting;
  readonly tiles: Tiles;
  readonly #textures = new Map<Solid, PlaneTexture>();
  /** By index. */
  readonly #floors = new Map<number, PlainFloor>();
  readonly #ray = new Ray();
  readonly #local = new Ray();
  readonly #mirrored = new Ray();
  readonly #surface = new Float64Array(3);
  readonly #scratch = new Float64Array(3);

  constructor(scene: Scene, width: number, height: number) {
    this.#scene = scene;
    this.#view = new Viewfinder(scene.camera, width, height);
    this.#stage = new Stage(scene);
    this.#lighting = new Lighting(scene, this.#stage);
    this.tiles = new Tiles(this.#stage, this.#lighting.lamps, this.#view);
    const isFar = this.#lighting.lamps.every((lamp) => lamp.isDirectional);
    for (const [index, solid] of this.#stage.solids.entries()) {
      const { texture: filter } = solid;
      const texture = filter && new PlaneTexture(solid, filter, this.#view);
      if (texture !== undefined) this.#textures.set(solid, texture);
      if (solid.shape !== 'plane' || solid.alpha < 1 || !isFar) continue;
      this.#floors.set(index, new PlainFloor(solid, this.#lighting, texture, this.#view));
    }
  }

  /** A plane that fills a tile, with nothing to be seen on it. */
  plainFloor(
    { seen, throwing, mirrored, left, top }: Tile,
    right: number,
    bottom: number,
  ): PlainFloor | undefined {
    if (seen.length !== 1 || throwing.length > 0 || mirrored.length > 0) return undefined;
    const floor = this.#floors.get(seen[0]);
    return floor?.fills(left, top, right, bottom) === true ? floor : undefined;
  }

  /**
   * @param x, y a point of the picture in this tile
   * @returns a number that stands for what is seen there
   */
  paint(x: number, y: number, tile: Tile, color: Float64Array): number {
    const ray = this.#ray;
    const stage = this.#stage;
    this.#view.aim(ray, x, y);
    color.fill(0);
    let subject = 0;
    let clear = 1;
    let t = this.#view.near;
    for (let layer = 0; layer < LAYERS && clear > 0; layer++) {
      t = stage.nearest(ray, tile.seen, t);
      if (stage.hit < 0) break;
      const index = stage.hit;
      const solid = stage.solids[index];
      subject = Math.imul(subject, 1009) + subjectOf(index, this.#paintSurface(ray, t, solid, tile));
      const { alpha } = solid;
      for (let i = 0; i < 3; i++) color[i] += clear * alpha * this.#surface[i];
      clear *= 1 - alpha;
    }
    if (clear > 0) this.#addSky(ray, clear, color);
    return subject;
  }

  /** @returns a number that stands for shadows and mirror images */
  #paintSurface(ray: Ray, t: number, solid: Solid, { throwing, mirrored }: Tile): number {
    const throwers = solid.shape === 'plane' ? throwing : this.#stage.throwers;
    this.#lighting.shade(ray, t, solid, throwers, this.#surface);
    let marks = this.#lighting.shadows;
    const texture = this.#textures.get(solid);
    if (texture !== undefined) {
      texture.tint(solid.toLocal(ray, this.#local), this.#surface);
    }
    if (solid === this.#stage.mirror && mirrored.length > 0) {
      marks += 256 * this.#addMirrorImage(ray, t, solid, mirrored);
    }
    return marks;
  }

  #addMirrorImage(ray: Ray, t: number, mirror: Solid, candidates: readonly number[]): number {
    const mirrored = this.#mirrored;
    const m = mirror.rotation;
    const across = 2 * (m[2] * ray.dx + m[5] * ray.dy + m[8] * ray.dz);
    mirrored.from(ray.ox + t * ray.dx, ray.oy + t * ray.dy, ray.oz + t * ray.dz);
    mirrored.towards(ray.dx - across * m[2], ray.dy - across * m[5], ray.dz - across * m[8]);
    const distance = this.#stage.nearest(mirrored, candidates, 0);
    const { hit } = this.#stage;
    if (hit < 0) return 0;
    this.#lighting.shade(mirrored, distance, this.#stage.solids[hit], undefined, this.#scratch);
    for (let i = 0; i < 3; i++) this.#surface[i] += mirror.reflectance * this.#scratch[i];
    return hit + 1;
  }

  #addSky(ray: Ray, share: number, color: Float64Array): void {
    const { sky } = this.#scene;
    if (sky === undefined) return;
    sampleSky(sky, ray, this.#scratch);
    for (let i = 0; i < 3; i++) color[i] += share * this.#scratch[i];
  }
}
