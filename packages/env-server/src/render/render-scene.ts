import type { Frame } from '@gymwire/protocol';
import { Lighting } from './lighting.ts';
import { PlaneTexture } from './plane-texture.ts';
import { Ray } from './ray.ts';
import type { Scene } from './scene.ts';
import { sampleSky } from './sky.ts';
import type { Solid } from './solid.ts';
import { Stage } from './stage.ts';
import { Tiles } from './tiles.ts';
import { Viewfinder } from './viewfinder.ts';

/** Where the four samples of an edge's pixel lie: a square turned, so that no two share a row or column. */
const SAMPLES = [
  [0.125, 0.375],
  [0.375, 0.875],
  [0.625, 0.125],
  [0.875, 0.625],
] as const;
/** As many see-through surfaces are seen behind each other. */
const LAYERS = 6;

/**
 * Draws a scene by following a ray for each pixel, and four where edges are. The same scene gives the same bytes.
 */
export function renderScene(scene: Scene, width: number, height: number): Frame {
  const painter = new Painter(scene, width, height);
  const data = new Uint8Array(3 * width * height);
  /** What each pixel shows; neighbours that differ have an edge between them. */
  const subjects = new Int32Array(width * height);
  const color = new Float64Array(3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      subjects[y * width + x] = painter.paint(x + 0.5, y + 0.5, x, y, color);
      put(data, 3 * (y * width + x), color);
    }
  }
  const sum = new Float64Array(3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isEdge(subjects, width, height, x, y)) continue;
      sum.fill(0);
      for (const [dx, dy] of SAMPLES) {
        painter.paint(x + dx, y + dy, x, y, color);
        for (let i = 0; i < 3; i++) sum[i] += Math.min(1, color[i]) / SAMPLES.length;
      }
      put(data, 3 * (y * width + x), sum);
    }
  }
  return { width, height, data };
}

function put(data: Uint8Array, at: number, color: Float64Array): void {
  for (let i = 0; i < 3; i++) data[at + i] = 255 * Math.min(1, color[i]) + 0.5;
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

class Painter {
  readonly #scene: Scene;
  readonly #view: Viewfinder;
  readonly #stage: Stage;
  readonly #lighting: Lighting;
  readonly #tiles: Tiles;
  readonly #textures = new Map<Solid, PlaneTexture>();
  readonly #ray = new Ray();
  readonly #mirrored = new Ray();
  readonly #surface = new Float64Array(3);
  readonly #scratch = new Float64Array(3);

  constructor(scene: Scene, width: number, height: number) {
    this.#scene = scene;
    this.#view = new Viewfinder(scene.camera, width, height);
    this.#stage = new Stage(scene);
    this.#lighting = new Lighting(scene, this.#stage);
    this.#tiles = new Tiles(this.#stage.solids, this.#view);
    for (const solid of this.#stage.solids) {
      const { texture } = solid;
      if (texture !== undefined) this.#textures.set(solid, new PlaneTexture(solid, texture, this.#view));
    }
  }

  /**
   * @param x, y a point of the picture in the pixel in this column and row
   * @returns a number that stands for what is seen there
   */
  paint(x: number, y: number, column: number, row: number, color: Float64Array): number {
    const ray = this.#ray;
    const stage = this.#stage;
    this.#view.aim(ray, x, y);
    const candidates = this.#tiles.at(column, row);
    color.fill(0);
    let subject = 0;
    let clear = 1;
    let t = this.#view.near;
    for (let layer = 0; layer < LAYERS && clear > 0; layer++) {
      t = stage.nearest(ray, candidates, candidates.length, t);
      if (stage.hit < 0) break;
      const index = stage.hit;
      const solid = stage.solids[index];
      subject = Math.imul(subject, 1009) + this.#paintSurface(ray, t, solid) * 64 + index + 1;
      const { alpha } = solid;
      for (let i = 0; i < 3; i++) color[i] += clear * alpha * this.#surface[i];
      clear *= 1 - alpha;
    }
    if (clear > 0) this.#addSky(ray, clear, color);
    return subject;
  }

  /** @returns a number that stands for shadows and mirror images */
  #paintSurface(ray: Ray, t: number, solid: Solid): number {
    this.#lighting.shade(ray, t, solid, true, this.#surface);
    let marks = this.#lighting.shadows;
    this.#textures.get(solid)?.tint(ray, this.#surface);
    if (solid === this.#stage.mirror) marks += 256 * this.#addMirrorImage(ray, t, solid);
    return marks;
  }

  #addMirrorImage(ray: Ray, t: number, mirror: Solid): number {
    const mirrored = this.#mirrored;
    const m = mirror.rotation;
    const across = 2 * (m[2] * ray.dx + m[5] * ray.dy + m[8] * ray.dz);
    mirrored.from(ray.ox + t * ray.dx, ray.oy + t * ray.dy, ray.oz + t * ray.dz);
    mirrored.towards(ray.dx - across * m[2], ray.dy - across * m[5], ray.dz - across * m[8]);
    const distance = this.#stage.nearestBounded(mirrored);
    const { hit } = this.#stage;
    if (hit < 0) return 0;
    this.#lighting.shade(mirrored, distance, this.#stage.solids[hit], false, this.#scratch);
    for (let i = 0; i < 3; i++) this.#surface[i] += mirror.reflectance * this.#scratch[i];
    return hit + 1;
  }

  #addSky({ dx, dy, dz }: Ray, share: number, color: Float64Array): void {
    const { sky } = this.#scene;
    if (sky === undefined) return;
    sampleSky(sky, dx, dy, dz, this.#scratch);
    for (let i = 0; i < 3; i++) color[i] += share * this.#scratch[i];
  }
}
