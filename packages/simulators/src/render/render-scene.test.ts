import type { Frame } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import type { Camera, Geom, Light, Mesh, Rgb, Scene, Vector3 } from '../scene/scene.ts';
import { renderScene } from './render-scene.ts';

const upright = [1, 0, 0, 0, 1, 0, 0, 0, 1];
/** At the origin, looking along y, 90° high and wide: what is 1 m off the axis at 1 m is at the edge. */
const camera: Camera = { position: [0, 0, 0], forward: [0, 1, 0], up: [0, 0, 1], tangent: 1, near: 0.01 };
const evenly: Light = {
  directional: true,
  position: [0, 0, 0],
  direction: [0, 1, 0],
  ambient: [1, 1, 1],
  diffuse: [0, 0, 0],
  specular: [0, 0, 0],
  castsShadow: false,
};
const sun: Light = {
  ...evenly,
  direction: [0, 0, -1],
  ambient: [0, 0, 0],
  diffuse: [1, 1, 1],
  castsShadow: true,
};
const [red, green, white]: readonly Rgb[] = [
  [1, 0, 0],
  [0, 1, 0],
  [1, 1, 1],
];

function ball(position: Vector3, radius: number, rgb: Rgb, more: Partial<Geom> = {}): Geom {
  return { shape: 'sphere', size: [radius, radius, radius], position, rotation: upright, rgb, ...more };
}

function floor(z: number, more: Partial<Geom> = {}): Geom {
  return { shape: 'plane', size: [0, 0, 0], position: [0, 0, z], rotation: upright, rgb: white, ...more };
}

function draw(geoms: readonly Geom[], more: Partial<Scene> = {}, size = 100): Frame {
  return renderScene({ geoms, lights: [evenly], camera, ...more }, size, size);
}

function pixel({ width, data }: Frame, x: number, y: number): number[] {
  return [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
}

describe('renderScene', () => {
  it('draws a sphere as the disc that its outline projects to', () => {
    const distance = 4;
    const radius = 1;
    const frame = draw([ball([0, distance, 0], radius, red)]);
    // Tangents from the eye: half the disc's angle is asin(r / d).
    const disc = 50 * Math.tan(Math.asin(radius / distance));
    const wrong: number[][] = [];
    for (let y = 0; y < 100; y++) {
      for (let x = 0; x < 100; x++) {
        const fromCentre = Math.hypot(x + 0.5 - 50, y + 0.5 - 50);
        const [found] = pixel(frame, x, y);
        if (fromCentre < disc - 1 && found !== 255) wrong.push([x, y, found]);
        if (fromCentre > disc + 1 && found !== 0) wrong.push([x, y, found]);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('smooths outlines: the reds of all pixels add up to the disc', () => {
    const frame = draw([ball([0, 4, 0], 1, red)]);
    const sum = frame.data.reduce((total, value) => total + value / 255, 0);
    const area = Math.PI * (50 * Math.tan(Math.asin(1 / 4))) ** 2;
    expect(sum / area).toBeCloseTo(1, 2);
    expect(new Set(frame.data).size).toBeGreaterThan(2);
  });

  it('shows the nearer of two, in whatever order they come', () => {
    const near = ball([0, 2, 0], 0.3, red);
    const far = ball([0, 4, 0], 2, green);
    for (const frame of [draw([near, far]), draw([far, near])]) {
      expect(pixel(frame, 50, 50)).toEqual([255, 0, 0]);
      expect(pixel(frame, 50, 34)).toEqual([0, 255, 0]);
    }
  });

  it('puts what is right to the right and what is up at the top, rows from above', () => {
    const frame = draw([ball([1, 2, 0], 0.2, red), ball([0, 2, 1], 0.2, green)]);
    expect(pixel(frame, 75, 50)).toEqual([255, 0, 0]);
    expect(pixel(frame, 50, 25)).toEqual([0, 255, 0]);
    expect(pixel(frame, 25, 50)).toEqual([0, 0, 0]);
    expect(pixel(frame, 50, 75)).toEqual([0, 0, 0]);
  });

  it('keeps circles round in a wide picture', () => {
    const frame = renderScene({ geoms: [ball([0, 4, 0], 1, red)], lights: [evenly], camera }, 200, 100);
    const columns = new Set<number>();
    const rows = new Set<number>();
    for (let i = 0; i < 20_000; i++) {
      if (frame.data[3 * i] < 128) continue;
      columns.add(i % 200);
      rows.add(Math.floor(i / 200));
    }
    expect(columns.size).toBe(rows.size);
  });

  it('draws nothing that is behind the camera or too near', () => {
    const frame = draw([ball([0, -3, 0], 1, red), ball([0, 0.005, 0], 0.001, green)]);
    expect(Math.max(...frame.data)).toBe(0);
  });

  it('draws solids that reach behind the camera', () => {
    const tunnel: Geom = {
      shape: 'capsule',
      size: [0.2, 0.2, 5],
      position: [0, 0, -0.5],
      rotation: [1, 0, 0, 0, 0, -1, 0, 1, 0],
      rgb: red,
    };
    expect(pixel(draw([tunnel]), 50, 99)).toEqual([255, 0, 0]);
  });

  it('lights what faces the light, and throws shadows', () => {
    const scene = [floor(-1), ball([0, 3, 0], 0.5, red)];
    const frame = draw(scene, { lights: [sun] });
    // The floor at y = 3 is a third of the picture's half below the middle.
    expect(pixel(frame, 50, 66)).toEqual([0, 0, 0]);
    expect(pixel(frame, 20, 66)).toEqual([255, 255, 255]);
    expect(pixel(frame, 50, 43)[0]).toBeGreaterThan(150);
    expect(pixel(frame, 50, 56)[0]).toBe(0);
    const without = draw(scene, { lights: [{ ...sun, castsShadow: false }] });
    expect(pixel(without, 50, 66)).toEqual([255, 255, 255]);
  });

  it('ends a spot at its cutoff and fades with the distance', () => {
    const spot: Light = {
      ...sun,
      directional: false,
      position: [0, 3, 0],
      cutoff: 20,
      attenuation: [0, 0, 2],
    };
    const frame = draw([floor(-1)], { lights: [spot] });
    expect(pixel(frame, 50, 66)[0]).toBeGreaterThanOrEqual(126);
    expect(pixel(frame, 50, 66)[0]).toBeLessThanOrEqual(128);
    expect(pixel(frame, 25, 66)).toEqual([0, 0, 0]);
  });

  it('mirrors in a reflecting floor', () => {
    const scene = (reflectance: number) => [
      floor(-1, { rgb: [0, 0, 0], reflectance }),
      ball([0, 3, 0], 0.5, red),
    ];
    // The mirror image stands at z = -2.
    expect(pixel(draw(scene(0.5)), 50, 83)).toEqual([128, 0, 0]);
    expect(pixel(draw(scene(0)), 50, 83)).toEqual([0, 0, 0]);
  });

  it('shows what is behind a see-through geom', () => {
    const frame = draw([ball([0, 2, 0], 0.5, red, { alpha: 0.25 }), ball([0, 4, 0], 0.5, green)]);
    expect(pixel(frame, 50, 50)).toEqual([64, 191, 0]);
  });

  it('shines where light and eye meet', () => {
    const lights = [
      { ...evenly, ambient: [0, 0, 0] as const, diffuse: [0.2, 0.2, 0.2] as const, specular: white },
    ];
    const shiny = draw([ball([0, 3, 0], 1, red, { specular: 1, shininess: 1 })], { lights });
    expect(pixel(shiny, 50, 50)[1]).toBeGreaterThan(220);
    expect(pixel(shiny, 60, 50)[1]).toBe(0);
  });

  it('shows the sky where nothing is: above is above', () => {
    const data = new Uint8Array(3 * 6);
    data.set([10, 20, 30], 3 * 2);
    data.set([40, 50, 60], 3 * 3);
    const looking = (forward: Vector3) =>
      pixel(
        draw([], { sky: { faceSize: 1, data }, camera: { ...camera, forward, up: [1, 0, 0], tangent: 0.1 } }),
        50,
        50,
      );
    expect(looking([0, 0, 1])).toEqual([10, 20, 30]);
    expect(looking([0, 0, -1])).toEqual([40, 50, 60]);
    expect(looking([0, 1, 0])).toEqual([0, 0, 0]);
  });

  it('lays textures on floors, and their average on other shapes', () => {
    const texture = { width: 2, height: 1, data: Uint8Array.of(255, 255, 255, 0, 0, 0) };
    const applied = { texture, perMetre: [0.5, 0.5] as const };
    const frame = draw([
      floor(-1, { texture: applied }),
      ball([0, 3, 1.5], 0.5, white, { texture: applied }),
    ]);
    // Squares of 1 m, an edge in the middle.
    expect(pixel(frame, 55, 80)).toEqual([0, 0, 0]);
    expect(pixel(frame, 45, 80)).toEqual([255, 255, 255]);
    expect(pixel(frame, 50, 25)).toEqual([128, 128, 128]);
    // Far away they melt into grey.
    expect(pixel(frame, 30, 50)).toEqual([128, 128, 128]);
  });

  it('draws a mesh of a box as it draws the box', () => {
    const turned = [0.6, -0.64, 0.48, 0.8, 0.48, -0.36, 0, 0.6, 0.8];
    const box: Geom = {
      shape: 'box',
      size: [0.5, 0.7, 0.3],
      position: [0.1, 3, 0],
      rotation: turned,
      rgb: red,
    };
    const lights = [{ ...evenly, ambient: [0.2, 0.2, 0.2] as const, diffuse: [0.8, 0.8, 0.8] as const }];
    const asBox = draw([box], { lights });
    const asMesh = draw([{ ...box, shape: 'mesh', mesh: boxMesh(0.5, 0.7, 0.3) }], { lights });
    const differing = asBox.data.filter((value, i) => Math.abs(value - asMesh.data[i]) > 1);
    expect(differing.length).toBe(0);
    expect(new Set(asBox.data).size).toBeGreaterThan(3);
  });

  it('paints bare floor, which has a way of its own, as it paints all else', () => {
    const texture = {
      width: 2,
      height: 2,
      data: Uint8Array.of(255, 255, 255, 0, 0, 0, 0, 0, 0, 200, 200, 90),
    };
    const material = { texture: { texture, perMetre: [0.3, 0.4] as const }, specular: 0.7, shininess: 0.2 };
    const geoms = [floor(-1, { ...material, size: [4, 9, 0] }), ball([1, 5, -0.8], 0.3, red)];
    const slanting = [0, 0.6, -0.8] as const;
    const far = { ...sun, ambient: [0.1, 0.1, 0.1] as const, specular: white, direction: slanting };
    const tilted: Camera = { ...camera, forward: [0, 0.8, -0.6], up: [0, 0.6, 0.8] };
    const directional = draw(geoms, { lights: [far], camera: tilted });
    // A lamp that is somewhere, however far away, lights each point a little differently.
    const position = slanting.map((x) => -1e9 * x) as [number, number, number];
    const lamp = draw(geoms, { lights: [{ ...far, directional: false, position }], camera: tilted });
    expect(Math.max(...directional.data.map((value, i) => Math.abs(value - lamp.data[i])))).toBeLessThan(2);
    expect(new Set(directional.data).size).toBeGreaterThan(50);
  });

  it('gives the same bytes for the same scene', () => {
    const geoms = [floor(-1, { reflectance: 0.3 }), ball([0, 3, 0], 0.5, red), ball([0.5, 2, 0], 0.4, green)];
    expect(draw(geoms, { lights: [sun, evenly] })).toEqual(draw(geoms, { lights: [sun, evenly] }));
  });
});

function boxMesh(a: number, b: number, c: number): Mesh {
  const corners = Array.from({ length: 8 }, (_, i) => [i & 1 ? a : -a, i & 2 ? b : -b, i & 4 ? c : -c]);
  const sides = [
    [0, 4, 6, 2],
    [1, 3, 7, 5],
    [0, 1, 5, 4],
    [2, 6, 7, 3],
    [0, 2, 3, 1],
    [4, 5, 7, 6],
  ];
  return {
    vertices: Float32Array.from(corners.flat()),
    triangles: Uint32Array.from(sides.flatMap(([p, q, r, s]) => [p, q, r, p, r, s])),
  };
}
