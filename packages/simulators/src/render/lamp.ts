import type { Light } from '../scene/scene.ts';
import type { Ray } from './ray.ts';

const RADIANS = Math.PI / 180;

/** A light made ready; typed arrays, since arrays of 0 and 1 are of another kind to V8 than those of 0.5. */
export class Lamp {
  readonly isDirectional: boolean;
  readonly castsShadow: boolean;
  readonly ambient: Float64Array;
  readonly diffuse: Float64Array;
  readonly specular: Float64Array;
  /** From the origin of the ray last aimed at it. */
  distance = Number.POSITIVE_INFINITY;
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
    this.isDirectional = light.directional;
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
    if (this.isDirectional) {
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
