import { Ray } from './ray.ts';
import type { Light, Scene } from './scene.ts';
import type { Solid } from './solid.ts';
import type { Stage } from './stage.ts';

const RADIANS = Math.PI / 180;
/** Without any light MuJoCo lights everything evenly by this much. */
const DARKNESS = 0.3;

/** The light of a scene, by OpenGL 2's lighting equations (section 2.14.1), which MuJoCo uses, for each pixel. */
export class Lighting {
  readonly #lamps: readonly Lamp[];
  readonly #ambient: number;
  readonly #stage: Stage;
  /** From the point that is lit towards a lamp; where it starts and the normal there belong together. */
  readonly #shadow = new Ray();
  readonly #normal = new Float64Array(3);
  /** Its direction, of length 1, points from the point to the eye. */
  readonly #eye = new Ray();
  /** Bit i: light i did not reach the point last asked for. */
  shadows = 0;

  constructor({ lights }: Scene, stage: Stage) {
    this.#lamps = lights.map((light) => new Lamp(light));
    this.#ambient = lights.length === 0 ? DARKNESS : 0;
    this.#stage = stage;
  }

  /**
   * The colour of a solid's surface as a ray sees it at t.
   * @param withShadows mirrored surfaces are drawn without, as MuJoCo does
   */
  shade(ray: Ray, t: number, solid: Solid, withShadows: boolean, color: Float64Array): void {
    const own = solid.emission + this.#ambient;
    for (let i = 0; i < 3; i++) color[i] = own * solid.rgb[i];
    solid.normal(ray, t, this.#normal);
    const eye = -1 / Math.sqrt(ray.dx * ray.dx + ray.dy * ray.dy + ray.dz * ray.dz);
    this.#eye.towards(eye * ray.dx, eye * ray.dy, eye * ray.dz);
    this.#shadow.from(ray.ox + t * ray.dx, ray.oy + t * ray.dy, ray.oz + t * ray.dz);
    this.shadows = 0;
    for (let i = 0; i < this.#lamps.length; i++) {
      if (!this.#addLight(this.#lamps[i], solid, withShadows, color)) this.shadows |= 1 << i;
    }
  }

  /** @returns whether the lamp reaches the point */
  #addLight(lamp: Lamp, solid: Solid, withShadows: boolean, color: Float64Array): boolean {
    const shadow = this.#shadow;
    const normal = this.#normal;
    const strength = lamp.aimAt(shadow);
    if (strength === 0) return false;
    const towards = normal[0] * shadow.dx + normal[1] * shadow.dy + normal[2] * shadow.dz;
    if (withShadows && lamp.castsShadow) {
      if (towards <= 0 || this.#stage.isBlocked(shadow, lamp.distance, solid)) return false;
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

/** A light made ready; typed arrays, since arrays of 0 and 1 are of another kind to V8 than those of 0.5. */
class Lamp {
  readonly castsShadow: boolean;
  readonly ambient: Float64Array;
  readonly diffuse: Float64Array;
  readonly specular: Float64Array;
  /** From the origin of the ray last aimed at it. */
  distance = Number.POSITIVE_INFINITY;
  readonly #isDirectional: boolean;
  readonly #position: Float64Array;
  readonly #direction: Float64Array;
  readonly #attenuation: Float64Array;
  /** Least cosine of a spot's cone; -2: all around. */
  readonly #cosine: number;
  readonly #exponent: number;

  constructor(light: Light) {
    this.castsShadow = light.castsShadow;
    this.ambient = Float64Array.from(light.ambient);
    this.diffuse = Float64Array.from(light.diffuse);
    this.specular = Float64Array.from(light.specular);
    this.#isDirectional = light.directional;
    this.#position = Float64Array.from(light.position);
    this.#direction = Float64Array.from(light.direction);
    this.#attenuation = Float64Array.from(light.attenuation ?? [1, 0, 0]);
    const cutoff = light.cutoff ?? 180;
    this.#cosine = cutoff >= 180 ? -2 : Math.cos(cutoff * RADIANS);
    this.#exponent = light.exponent ?? 0;
  }

  /** Points a ray at it, in a direction of length 1. @returns how strong it shines on the ray's origin */
  aimAt(ray: Ray): number {
    const direction = this.#direction;
    if (this.#isDirectional) {
      ray.towards(-direction[0], -direction[1], -direction[2]);
      return 1;
    }
    const position = this.#position;
    const dx = position[0] - ray.ox;
    const dy = position[1] - ray.oy;
    const dz = position[2] - ray.oz;
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
    ray.towards(dx / distance, dy / distance, dz / distance);
    this.distance = distance;
    const [constant, linear, quadratic] = this.#attenuation;
    const strength = 1 / (constant + linear * distance + quadratic * distance * distance);
    const cosine = -(direction[0] * dx + direction[1] * dy + direction[2] * dz) / distance;
    if (cosine < this.#cosine) return 0;
    return this.#exponent === 0 || this.#cosine === -2 ? strength : strength * cosine ** this.#exponent;
  }
}
