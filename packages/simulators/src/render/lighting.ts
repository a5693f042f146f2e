import type { Scene } from '../scene/scene.ts';
import { Lamp } from './lamp.ts';
import { Ray } from './ray.ts';
import type { Solid } from './solid.ts';
import type { Stage } from './stage.ts';

/** Without any light MuJoCo lights everything evenly by this much. */
const DARKNESS = 0.3;

/** The light of a scene, by OpenGL 2's lighting equations (section 2.14.1), which MuJoCo uses, for each pixel. */
export class Lighting {
  readonly lamps: readonly Lamp[];
  /** Light that is everywhere. */
  readonly ambient: number;
  readonly #stage: Stage;
  /** From the point that is lit towards a lamp; where it starts and the normal there belong together. */
  readonly #shadow = new Ray();
  readonly #normal = new Float64Array(3);
  /** Its direction, of length 1, points from the point to the eye. */
  readonly #eye = new Ray();
  /** Bit i: light i did not reach the point last asked for. */
  shadows = 0;

  constructor({ lights }: Scene, stage: Stage) {
    this.lamps = lights.map((light) => new Lamp(light));
    this.ambient = lights.length === 0 ? DARKNESS : 0;
    this.#stage = stage;
  }

  /**
   * The colour of a solid's surface as a ray sees it at t.
   * @param throwers indices of what may throw shadows on it; absent: all light reaches it
   */
  shade(
    ray: Ray,
    t: number,
    solid: Solid,
    throwers: readonly number[] | undefined,
    color: Float64Array,
  ): void {
    const own = solid.emission + this.ambient;
    for (let i = 0; i < 3; i++) color[i] = own * solid.rgb[i];
    solid.normal(ray, t, this.#normal);
    const eye = -1 / Math.sqrt(ray.dx * ray.dx + ray.dy * ray.dy + ray.dz * ray.dz);
    this.#eye.towards(eye * ray.dx, eye * ray.dy, eye * ray.dz);
    this.#shadow.from(ray.ox + t * ray.dx, ray.oy + t * ray.dy, ray.oz + t * ray.dz);
    this.shadows = 0;
    for (let i = 0; i < this.lamps.length; i++) {
      if (!this.#addLight(this.lamps[i], solid, throwers, color)) this.shadows |= 1 << i;
    }
  }

  /** @returns whether the lamp reaches the point */
  #addLight(lamp: Lamp, solid: Solid, throwers: readonly number[] | undefined, color: Float64Array): boolean {
    const shadow = this.#shadow;
    const normal = this.#normal;
    const strength = lamp.aimAt(shadow);
    if (strength === 0) return false;
    const towards = normal[0] * shadow.dx + normal[1] * shadow.dy + normal[2] * shadow.dz;
    if (throwers !== undefined && lamp.castsShadow) {
      if (towards <= 0 || this.#stage.isBlocked(throwers, shadow, lamp.distance, solid)) return false;
    }
    const diffuse = strength * Math.max(0, towards);
    const { rgb } = solid;
    for (let i = 0; i < 3; i++) color[i] += rgb[i] * (strength * lamp.ambient[i] + diffuse * lamp.diffuse[i]);
    if (solid.specular === 0 || diffuse === 0) return true;
    const highlight = strength * this.#highlight(solid);
    if (highlight > 0) for (let i = 0; i < 3; i++) color[i] += highlight * lamp.specular[i];
    return true;
  }

  /** Blinn's: by the angle between the normal and the direction halfway between lamp and eye. */
  #highlight({ specular, sharpness, dullCosine }: Solid): number {
    const lamp = this.#shadow;
    const eye = this.#eye;
    const normal = this.#normal;
    const x = lamp.dx + eye.dx;
    const y = lamp.dy + eye.dy;
    const z = lamp.dz + eye.dz;
    const along = normal[0] * x + normal[1] * y + normal[2] * z;
    const square = x * x + y * y + z * z;
    if (along <= 0 || along * along <= dullCosine * dullCosine * square) return 0;
    return specular * (along / Math.sqrt(square)) ** sharpness;
  }
}
