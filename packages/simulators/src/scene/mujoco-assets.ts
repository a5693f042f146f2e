/** A model's textures and meshes in the renderer's terms: copied once, the same object ever after. */
import type { MjModel } from '@mujoco/mujoco';
import { numbersOf } from './mujoco-numbers.ts';
import type { CubeTexture, Mesh, Texture, Vector3 } from './scene.ts';

/** mjtTexture */
const SKYBOX = 2;

/** A mesh, and half the sides of the box around it. */
interface MeasuredMesh {
  readonly mesh: Mesh;
  readonly reach: Vector3;
}

const byModel = new WeakMap<MjModel, MujocoAssets>();
let models = 0;

export class MujocoAssets {
  readonly sky: CubeTexture | undefined;
  readonly #textures = new Map<number, Texture>();
  readonly #meshes = new Map<number, MeasuredMesh>();
  readonly #model: MjModel;
  readonly #name: string;

  /** One a model, however many simulations of it are drawn. */
  static of(model: MjModel): MujocoAssets {
    const assets = byModel.get(model) ?? new MujocoAssets(model);
    byModel.set(model, assets);
    return assets;
  }

  private constructor(model: MjModel) {
    models += 1;
    this.#name = `model ${models}`;
    this.#model = model;
    const sky = this.texture(numbersOf(model, 'tex_type').indexOf(SKYBOX));
    this.sky = sky && { key: `${sky.key} as sky`, faceSize: sky.width, data: sky.data };
  }

  /** Undefined for -1: none. */
  texture(id: number): Texture | undefined {
    if (id < 0) return undefined;
    const texture = this.#textures.get(id) ?? readTexture(this.#model, id, `${this.#name}, texture ${id}`);
    this.#textures.set(id, texture);
    return texture;
  }

  /** @param dataId of a mesh geom: twice the mesh's id, one more for its convex hull */
  mesh(dataId: number): MeasuredMesh {
    const id = dataId >> 1;
    const mesh = this.#meshes.get(id) ?? readMesh(this.#model, id, `${this.#name}, mesh ${id}`);
    this.#meshes.set(id, mesh);
    return mesh;
  }
}

function readTexture(model: MjModel, id: number, key: string): Texture {
  const width = numbersOf(model, 'tex_width')[id];
  const height = numbersOf(model, 'tex_height')[id];
  const perPixel = numbersOf(model, 'tex_nchannel')[id];
  const start = numbersOf(model, 'tex_adr')[id];
  const pixels = numbersOf(model, 'tex_data').subarray(start, start + perPixel * width * height);
  const data = new Uint8Array(shareable(3 * width * height));
  if (perPixel === 3) data.set(pixels);
  else {
    for (let i = 0; i < data.length; i++) {
      // One channel is grey; a fourth, opacity, is left out.
      data[i] = pixels[Math.floor(i / 3) * perPixel + (perPixel > 3 ? i % 3 : 0)];
    }
  }
  return { key, width, height, data };
}

function readMesh(model: MjModel, id: number, key: string): MeasuredMesh {
  const part = (field: string, start: string, count: string) => {
    const first = 3 * numbersOf(model, start)[id];
    return numbersOf(model, field).subarray(first, first + 3 * numbersOf(model, count)[id]);
  };
  const points = part('mesh_vert', 'mesh_vertadr', 'mesh_vertnum');
  const faces = part('mesh_face', 'mesh_faceadr', 'mesh_facenum');
  const vertices = new Float32Array(shareable(4 * points.length));
  vertices.set(points);
  const triangles = new Uint32Array(shareable(4 * faces.length));
  triangles.set(faces);
  return { mesh: { key, vertices, triangles }, reach: reachOf(vertices) };
}

/**
 * Memory that the thread that draws sees too, so that nothing large is copied for a picture. A page has none unless it is
 * isolated from other origins.
 */
function shareable(bytes: number): ArrayBuffer | SharedArrayBuffer {
  return typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
}

function reachOf(vertices: Float32Array): Vector3 {
  const reach: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < vertices.length; i++) reach[i % 3] = Math.max(reach[i % 3], Math.abs(vertices[i]));
  return reach;
}
