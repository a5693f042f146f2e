import type { CubeTexture, Geom, Mesh, Scene, Texture } from '../scene/scene.ts';

type Keyed = Texture | CubeTexture | Mesh;

/**
 * Textures and meshes of pictures that come from another thread. Each message brings them as new objects; what was made
 * of them before (averages, trees) belongs to the first ones, so those are put in their place.
 */
export class AssetShelf {
  readonly #maxBytes: number;
  /** By key; used last comes last. */
  readonly #assets = new Map<string, Keyed>();
  #bytes = 0;

  /** @param maxBytes what was not used for longest goes first; it comes again with the next picture */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  fit(scene: Scene): Scene {
    const fitted = {
      ...scene,
      geoms: scene.geoms.map((geom) => this.#fitGeom(geom)),
      ...(scene.sky === undefined ? {} : { sky: this.#same(scene.sky) }),
    };
    this.#trim();
    return fitted;
  }

  #fitGeom(geom: Geom): Geom {
    const { mesh, texture } = geom;
    if (mesh === undefined && texture === undefined) return geom;
    return {
      ...geom,
      ...(mesh === undefined ? {} : { mesh: this.#same(mesh) }),
      ...(texture === undefined ? {} : { texture: { ...texture, texture: this.#same(texture.texture) } }),
    };
  }

  #same<A extends Keyed>(asset: A): A {
    const { key } = asset;
    if (key === undefined) return asset;
    const known = this.#assets.get(key) as A | undefined;
    if (known === undefined) this.#bytes += sizeOf(asset);
    else this.#assets.delete(key);
    this.#assets.set(key, known ?? asset);
    return known ?? asset;
  }

  #trim(): void {
    for (const [key, asset] of this.#assets) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#assets.delete(key);
      this.#bytes -= sizeOf(asset);
    }
  }
}

function sizeOf(asset: Keyed): number {
  if ('data' in asset) return asset.data.byteLength;
  return asset.vertices.byteLength + asset.triangles.byteLength;
}
