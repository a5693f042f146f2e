/** A model's textures and meshes in the renderer's terms: copied once, the same object ever after. */
import type { MjModel } from '@mujoco/mujoco';
import { numbersOf } from './mujoco-numbers.ts';
import type { CubeTexture, Mesh, Texture } from './scene.ts';

/** mjtTexture */
const SKYBOX = 2;

export class MujocoAssets {
  readonly sky: CubeTexture | undefined;
  readonly #textures: ReadonlyArray<Texture>;
  readonly #meshes = new Map<number, Mesh>();
  readonly #model: MjModel;

  constructor(model: MjModel) {
    this.#model = model;
    this.#textures = readTextures(model);
    const sky = this.#textures[numbersOf(model, 'tex_type').indexOf(SKYBOX)];
    this.sky = sky === undefined ? undefined : { faceSize: sky.width, data: sky.data };
  }

  /** Undefined for -1: none. */
  texture(id: number): Texture | undefined {
    return this.#textures[id];
  }

  /** @param dataId of a mesh geom: twice the mesh's id, one more for its convex hull */
  mesh(dataId: number): Mesh {
    const id = dataId >> 1;
    const mesh = this.#meshes.get(id) ?? readMesh(this.#model, id);
    this.#meshes.set(id, mesh);
    return mesh;
  }
}

function readTextures(model: MjModel): Texture[] {
  const widths = numbersOf(model, 'tex_width');
  const heights = numbersOf(model, 'tex_height');
  const channels = numbersOf(model, 'tex_nchannel');
  const starts = numbersOf(model, 'tex_adr');
  const bytes = numbersOf(model, 'tex_data');
  return Array.from(widths, (width, id) => {
    const pixels = width * heights[id];
    const data = new Uint8Array(3 * pixels);
    const perPixel = channels[id];
    for (let i = 0; i < data.length; i++) {
      // One channel is grey; a fourth, opacity, is left out.
      const channel = perPixel >= 3 ? i % 3 : 0;
      data[i] = bytes[starts[id] + Math.floor(i / 3) * perPixel + channel];
    }
    return { width, height: heights[id], data };
  });
}

function readMesh(model: MjModel, id: number): Mesh {
  const part = (field: string, start: string, count: string) => {
    const first = 3 * numbersOf(model, start)[id];
    return numbersOf(model, field).slice(first, first + 3 * numbersOf(model, count)[id]);
  };
  return {
    vertices: Float32Array.from(part('mesh_vert', 'mesh_vertadr', 'mesh_vertnum')),
    triangles: Uint32Array.from(part('mesh_face', 'mesh_faceadr', 'mesh_facenum')),
  };
}
