import type { Geom, Shape } from '../scene/scene.ts';
import { type BoxFilter, boxFilterOf } from './box-filter.ts';
import { MeshTree } from './mesh-tree.ts';
import { Ray } from './ray.ts';
import { enterBox, enterCapsule, enterCylinder, enterEllipsoid, enterPlane } from './shapes.ts';

const local = new Ray();
/** A quarter of a step of 8-bit colour. */
const INVISIBLE = 1 / 1024;

/** A geom made ready for one picture: its numbers, its bounds, what its material comes to. */
export class Solid {
  readonly shape: Shape;
  readonly castsShadow: boolean;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Half sizes; see Geom. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Frame to world, row-major. */
  readonly rotation: Float64Array;
  /** Half sizes of a box around it, in its frame; infinite for planes. */
  readonly extent: readonly [number, number, number];
  /** Radius of a sphere around it. */
  readonly bound: number;
  readonly rgb: Float64Array;
  readonly alpha: number;
  readonly emission: number;
  readonly specular: number;
  /** OpenGL's exponent; MuJoCo takes 128 times the shininess. */
  readonly sharpness: number;
  /** Cosines below this make no highlight that could be seen. */
  readonly dullCosine: number;
  readonly reflectance: number;
  /** The texture of planes; other shapes have its average in their colour. */
  readonly texture: BoxFilter | undefined;
  readonly texturePerMetre: readonly [number, number];
  readonly #mesh: MeshTree | undefined;

  constructor(geom: Geom) {
    const { shape, texture, mesh } = geom;
    this.shape = shape;
    const isPlane = shape === 'plane';
    this.castsShadow = !isPlane && geom.castsShadow !== false;
    [this.x, this.y, this.z] = geom.position;
    [this.a, this.b, this.c] = geom.size;
    this.rotation = Float64Array.from(geom.rotation);
    this.extent = extentOf(shape, this.a, this.b, this.c);
    this.bound = shape === 'sphere' ? this.a : Math.hypot(...this.extent);
    const filter = texture === undefined ? undefined : boxFilterOf(texture.texture);
    const [red, green, blue] = isPlane || filter === undefined ? [1, 1, 1] : filter.average;
    this.rgb = Float64Array.of(geom.rgb[0] * red, geom.rgb[1] * green, geom.rgb[2] * blue);
    this.texture = isPlane ? filter : undefined;
    this.texturePerMetre = texture?.perMetre ?? [1, 1];
    this.alpha = geom.alpha ?? 1;
    this.emission = geom.emission ?? 0;
    this.specular = geom.specular ?? 0;
    this.sharpness = 128 * (geom.shininess ?? 0.5);
    this.dullCosine = INVISIBLE ** (1 / Math.max(this.sharpness, 1e-6));
    this.reflectance = geom.reflectance ?? 0;
    this.#mesh = mesh === undefined ? undefined : MeshTree.of(mesh);
  }

  /** The t at which a ray of the world enters, or Infinity. */
  enter(ray: Ray): number {
    this.toLocal(ray, local);
    switch (this.shape) {
      case 'plane':
        return enterPlane(local, this.a, this.b);
      case 'sphere':
      case 'ellipsoid':
        return enterEllipsoid(local, this.a, this.b, this.c);
      case 'capsule':
        return enterCapsule(local, this.a, this.c);
      case 'cylinder':
        return enterCylinder(local, this.a, this.c);
      case 'box':
        return enterBox(local, this.a, this.b, this.c);
      case 'mesh':
        return this.#mesh?.enter(local) ?? Number.POSITIVE_INFINITY;
    }
  }

  /** The outward normal, length 1, where a ray of the world enters at t. */
  normal(ray: Ray, t: number, normal: Float64Array): void {
    const m = this.rotation;
    if (this.shape === 'plane') {
      normal[0] = m[2];
      normal[1] = m[5];
      normal[2] = m[8];
      return;
    }
    this.toLocal(ray, local);
    if (this.shape === 'mesh') this.#mesh?.normal(local, normal);
    else this.#localNormal(local.ox + t * local.dx, local.oy + t * local.dy, local.oz + t * local.dz, normal);
    const x = normal[0];
    const y = normal[1];
    const z = normal[2];
    const length = Math.sqrt(x * x + y * y + z * z);
    normal[0] = (m[0] * x + m[1] * y + m[2] * z) / length;
    normal[1] = (m[3] * x + m[4] * y + m[5] * z) / length;
    normal[2] = (m[6] * x + m[7] * y + m[8] * z) / length;
  }

  /** A normal of any length. */
  #localNormal(x: number, y: number, z: number, normal: Float64Array): void {
    const { a, b, c } = this;
    normal.fill(0);
    switch (this.shape) {
      case 'sphere':
      case 'ellipsoid':
        normal[0] = x / (a * a);
        normal[1] = y / (b * b);
        normal[2] = z / (c * c);
        break;
      case 'capsule':
        normal[0] = x;
        normal[1] = y;
        normal[2] = z - Math.min(Math.max(z, -c), c);
        break;
      case 'cylinder': {
        const isLid = Math.abs(z) > c * (1 - 1e-9);
        if (isLid) normal[2] = z;
        else {
          normal[0] = x;
          normal[1] = y;
        }
        break;
      }
      case 'box': {
        const u = Math.abs(x / a);
        const v = Math.abs(y / b);
        const w = Math.abs(z / c);
        if (u >= v && u >= w) normal[0] = x;
        else if (v >= w) normal[1] = y;
        else normal[2] = z;
        break;
      }
      default:
    }
  }

  /** Corners of the box around it, in the world. */
  corners(): Float64Array[] {
    const m = this.rotation;
    const [a, b, c] = this.extent;
    return Array.from({ length: 8 }, (_, corner) => {
      const x = corner & 1 ? a : -a;
      const y = corner & 2 ? b : -b;
      const z = corner & 4 ? c : -c;
      return Float64Array.of(
        this.x + m[0] * x + m[1] * y + m[2] * z,
        this.y + m[3] * x + m[4] * y + m[5] * z,
        this.z + m[6] * x + m[7] * y + m[8] * z,
      );
    });
  }

  /** From the world's frame to its own. @returns `result` */
  toLocal({ ox, oy, oz, dx, dy, dz }: Ray, result: Ray): Ray {
    const m = this.rotation;
    const x = ox - this.x;
    const y = oy - this.y;
    const z = oz - this.z;
    result.ox = m[0] * x + m[3] * y + m[6] * z;
    result.oy = m[1] * x + m[4] * y + m[7] * z;
    result.oz = m[2] * x + m[5] * y + m[8] * z;
    result.dx = m[0] * dx + m[3] * dy + m[6] * dz;
    result.dy = m[1] * dx + m[4] * dy + m[7] * dz;
    result.dz = m[2] * dx + m[5] * dy + m[8] * dz;
    return result;
  }
}

function extentOf(shape: Shape, a: number, b: number, c: number): [number, number, number] {
  if (shape === 'plane') return [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  if (shape === 'sphere') return [a, a, a];
  if (shape === 'capsule') return [a, a, c + a];
  if (shape === 'cylinder') return [a, a, c];
  return [a, b, c];
}
