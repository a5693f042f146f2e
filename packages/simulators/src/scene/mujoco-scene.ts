/** mjvScene → Scene. MuJoCo itself decides what is to be seen (mjv_updateScene needs no graphics card). */
import type { MjvGeom, MjvGLCamera, MjvLight, MjvScene } from '@mujoco/mujoco';
import type { MujocoAssets } from './mujoco-assets.ts';
import { numbersOf, vectorOf } from './mujoco-numbers.ts';
import type { AppliedTexture, Camera, Geom, Light, Scene, Shape, Vector3 } from './scene.ts';

/** mjtGeom; height fields, flexes, skins and decorations are not drawn. */
const shapesByType: ReadonlyMap<number, Shape> = new Map([
  [0, 'plane'],
  [2, 'sphere'],
  [3, 'capsule'],
  [4, 'ellipsoid'],
  [5, 'cylinder'],
  [6, 'box'],
  [7, 'mesh'],
]);
/** mjtCatBit */
const DECORATION = 4;
/** mjtLightType */
const light = { directional: 1, point: 2, image: 3 } as const;

export function readScene(scene: MjvScene, assets: MujocoAssets): Scene {
  const { geoms, lights, camera: eyes } = scene;
  try {
    return {
      geoms: readEach(geoms, scene.ngeom, (geom) => readGeom(geom, assets)),
      lights: readEach(lights, scene.nlight, readLight),
      camera: readCamera(readEach(eyes, 2, readEye)),
      ...(assets.sky === undefined ? {} : { sky: assets.sky }),
    };
  } finally {
    geoms.delete();
    lights.delete();
    eyes.delete();
  }
}

interface Handle {
  delete(): void;
}

/** Leaves out what is read as undefined. */
function readEach<Item extends Handle, Result>(
  list: { get(index: number): Item | undefined },
  count: number,
  read: (item: Item) => Result | undefined,
): Result[] {
  const results: Result[] = [];
  for (let i = 0; i < count; i++) {
    const item = list.get(i);
    if (item === undefined) continue;
    const result = read(item);
    item.delete();
    if (result !== undefined) results.push(result);
  }
  return results;
}

function readGeom(geom: MjvGeom, assets: MujocoAssets): Geom | undefined {
  const shape = shapesByType.get(geom.type);
  if (shape === undefined) return undefined;
  const [red, green, blue, alpha] = numbersOf(geom, 'rgba');
  if (alpha === 0) return undefined;
  const measured = shape === 'mesh' ? assets.mesh(geom.dataid) : undefined;
  const size = measured?.reach ?? vectorOf(geom, 'size');
  const texture = readTexture(geom, size, assets);
  return {
    shape,
    size,
    position: vectorOf(geom, 'pos'),
    rotation: Array.from(numbersOf(geom, 'mat')),
    ...(measured === undefined ? {} : { mesh: measured.mesh }),
    rgb: [red, green, blue],
    alpha,
    ...(texture === undefined ? {} : { texture }),
    emission: geom.emission,
    specular: geom.specular,
    shininess: geom.shininess,
    reflectance: geom.reflectance,
    castsShadow: geom.category !== DECORATION,
  };
}

/** MuJoCo lays `texrepeat` textures over a plane's whole size, or over 1 m where that is endless or uniform. */
function readTexture(geom: MjvGeom, [x, y]: Vector3, assets: MujocoAssets): AppliedTexture | undefined {
  const texture = assets.texture(geom.texid);
  if (texture === undefined) return undefined;
  const [repeatX, repeatY] = numbersOf(geom, 'texrepeat');
  const perMetre = (repeat: number, half: number) =>
    geom.texuniform !== 0 || half === 0 ? repeat / 2 : repeat / (2 * half);
  return { texture, perMetre: [perMetre(repeatX, x), perMetre(repeatY, y)] };
}

function readLight(source: MjvLight): Light | undefined {
  if (source.type === light.image) return undefined;
  return {
    directional: source.type === light.directional,
    position: vectorOf(source, 'pos'),
    direction: vectorOf(source, 'dir'),
    ambient: vectorOf(source, 'ambient'),
    diffuse: vectorOf(source, 'diffuse'),
    specular: vectorOf(source, 'specular'),
    castsShadow: source.castshadow !== 0,
    cutoff: source.type === light.point ? 180 : source.cutoff,
    exponent: source.exponent,
    attenuation: vectorOf(source, 'attenuation'),
  };
}

function readEye(eye: MjvGLCamera): Camera {
  return {
    position: vectorOf(eye, 'pos'),
    forward: vectorOf(eye, 'forward'),
    up: vectorOf(eye, 'up'),
    tangent: (eye.frustum_top - eye.frustum_bottom) / (2 * eye.frustum_near),
    near: eye.frustum_near,
  };
}

/** MuJoCo's cameras have two eyes; pictures are drawn from between them. */
function readCamera([left, right]: readonly Camera[]): Camera {
  const between = (a: Vector3, b: Vector3) =>
    [0, 1, 2].map((i) => (a[i] + b[i]) / 2) as [number, number, number];
  return { ...left, position: between(left.position, right.position) };
}
