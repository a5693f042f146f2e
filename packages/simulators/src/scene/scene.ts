/** What a picture is made of. Lengths in metres, directions of length 1, colours 0 to 1. */

export type Vector3 = readonly [x: number, y: number, z: number];
export type Rgb = readonly [red: number, green: number, blue: number];

export const shapes = ['plane', 'sphere', 'capsule', 'ellipsoid', 'cylinder', 'box', 'mesh'] as const;
export type Shape = (typeof shapes)[number];

export interface Scene {
  readonly geoms: readonly Geom[];
  readonly lights: readonly Light[];
  readonly camera: Camera;
  /** What is seen past all geoms; absent: black. */
  readonly sky?: CubeTexture;
}

export interface Geom extends Material {
  readonly shape: Shape;
  /**
   * Half sizes in the geom's own frame: [r, r, r] of a sphere, [r, r, half length] of a capsule (without its
   * caps) or cylinder, the semi-axes of an ellipsoid. A plane is z = 0, seen from above, endless where 0. A mesh
   * lies between plus and minus its size.
   */
  readonly size: Vector3;
  readonly position: Vector3;
  /** [3, 3] row-major: the geom's frame to the world. */
  readonly rotation: readonly number[];
  readonly mesh?: Mesh;
  /** Default true. */
  readonly castsShadow?: boolean;
}

export interface Material {
  readonly rgb: Rgb;
  /** 1: opaque, which is the default. */
  readonly alpha?: number;
  /** Multiplies the colour; on a plane as it lies, on other shapes by its average. */
  readonly texture?: AppliedTexture;
  /** Light of its own, as a share of the colour; default 0. */
  readonly emission?: number;
  /** Strength of highlights; default 0. */
  readonly specular?: number;
  /** Sharpness of highlights, 0 to 1; default 0.5. */
  readonly shininess?: number;
  /** How much of the other geoms a plane mirrors; default 0. Only the first mirror works. */
  readonly reflectance?: number;
}

/** What many pictures share. */
interface Asset {
  /** Stands for it in the thread that draws, which keeps it: the same key, the same contents. */
  readonly key?: string;
}

/** Row-major pixels, 3 bytes each. */
export interface Texture extends Asset {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Six square faces below each other: +x, -x, +y, -y, +z, -z, with y up, as OpenGL orders them. */
export interface CubeTexture extends Asset {
  readonly faceSize: number;
  readonly data: Uint8Array;
}

export interface AppliedTexture {
  readonly texture: Texture;
  /** Pictures per metre, along x and y. */
  readonly perMetre: readonly [x: number, y: number];
}

/** Triangles in the geom's frame. */
export interface Mesh extends Asset {
  /** [vertices, 3] */
  readonly vertices: Float32Array;
  /** [triangles, 3], counter-clockwise seen from outside. */
  readonly triangles: Uint32Array;
}

export interface Light {
  /** Directional lights are endlessly far away; others shine from `position`. */
  readonly directional: boolean;
  readonly position: Vector3;
  /** Where it shines to. */
  readonly direction: Vector3;
  readonly ambient: Rgb;
  readonly diffuse: Rgb;
  readonly specular: Rgb;
  readonly castsShadow: boolean;
  /** Half of a spot's angle, degrees; 180: shines all around. Ignored by directional lights, like all below. */
  readonly cutoff?: number;
  /** How a spot fades from its axis; default 0: not. */
  readonly exponent?: number;
  /** Constant, linear and quadratic in the distance; default [1, 0, 0]. */
  readonly attenuation?: Vector3;
}

export interface Camera {
  readonly position: Vector3;
  readonly forward: Vector3;
  /** At right angles to `forward`. */
  readonly up: Vector3;
  /** Half of the vertical angle of view, as its tangent. */
  readonly tangent: number;
  /** Nothing nearer than this is seen. */
  readonly near: number;
}
