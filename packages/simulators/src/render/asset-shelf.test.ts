import { expect, it } from 'vitest';
import type { Geom, Scene } from '../scene/scene.ts';
import { AssetShelf } from './asset-shelf.ts';

const camera = { position: [0, 0, 0], forward: [1, 0, 0], up: [0, 0, 1], tangent: 1, near: 0.1 } as const;
const ball: Geom = {
  shape: 'sphere',
  size: [1, 1, 1],
  position: [3, 0, 0],
  rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  rgb: [1, 1, 1],
};

/** A scene as a message brings it: new objects each time. */
function scene(...names: string[]): Scene {
  const asset = (name: string) => ({ key: name, data: new Uint8Array(12) });
  const geoms = names.map((name): Geom => {
    const mesh = { key: `${name} mesh`, vertices: new Float32Array(3), triangles: new Uint32Array(3) };
    const texture = {
      texture: { ...asset(`${name} texture`), width: 2, height: 2 },
      perMetre: [1, 1] as const,
    };
    return { ...ball, shape: 'mesh', mesh, texture };
  });
  return { geoms: [ball, ...geoms], lights: [], camera, sky: { ...asset('sky'), faceSize: 1 } };
}

it('puts the first object of a key in the place of those that come later', () => {
  const shelf = new AssetShelf(1000);
  const first = shelf.fit(scene('a', 'b', 'a'));
  const second = shelf.fit(scene('b', 'a'));
  expect(first.geoms[0]).toBe(ball);
  expect(first.geoms[3]?.mesh).toBe(first.geoms[1]?.mesh);
  expect(second.geoms[1]?.mesh).toBe(first.geoms[2]?.mesh);
  expect(second.geoms[2]?.texture?.texture).toBe(first.geoms[1]?.texture?.texture);
  expect(second.sky).toBe(first.sky);
  expect(second.geoms[1]?.mesh).not.toBe(second.geoms[2]?.mesh);
});

it('leaves alone what has no key', () => {
  const shelf = new AssetShelf(1000);
  const mesh = { vertices: new Float32Array(3), triangles: new Uint32Array(3) };
  const plain = { ...scene(), geoms: [{ ...ball, mesh }] };
  expect(shelf.fit(plain).geoms[0]?.mesh).toBe(mesh);
});

it('forgets what was not used for longest when it has too much, and is brought it again', () => {
  // A name has 36 bytes, the sky 12: two names fit.
  const shelf = new AssetShelf(12 + 2 * 36);
  const meshOf = (name: string) => shelf.fit(scene(name)).geoms[1]?.mesh;
  const [a, b] = [meshOf('a'), meshOf('b')];
  expect(meshOf('a')).toBe(a);
  meshOf('c');
  expect(meshOf('a')).toBe(a);
  expect(meshOf('b')).not.toBe(b);
});
