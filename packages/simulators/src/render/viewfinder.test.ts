import { describe, expect, it } from 'vitest';
import type { Camera, Geom } from '../scene/scene.ts';
import { Ray } from './ray.ts';
import { Solid } from './solid.ts';
import { Viewfinder } from './viewfinder.ts';

const camera: Camera = {
  position: [1, -2, 0.5],
  forward: [0.48, 0.64, -0.6],
  up: [0.36, 0.48, 0.8],
  tangent: 0.4,
  near: 0.1,
};
const view = new Viewfinder(camera, 320, 200);

describe('Viewfinder', () => {
  it('aims at the point that it projects', () => {
    const ray = new Ray();
    for (const [x, y] of [
      [0.5, 0.5],
      [160, 100],
      [319.5, 199.5],
      [12.3, 150.7],
    ] as const) {
      view.aim(ray, x, y);
      const [px, py, depth] = view.project(ray.ox + 3 * ray.dx, ray.oy + 3 * ray.dy, ray.oz + 3 * ray.dz);
      expect(px).toBeCloseTo(x, 9);
      expect(py).toBeCloseTo(y, 9);
      expect(depth).toBeCloseTo(3, 9);
    }
  });

  it('looks along its axis in the middle', () => {
    const ray = new Ray();
    view.aim(ray, 160, 100);
    expect([ray.dx, ray.dy, ray.dz]).toEqual(camera.forward);
  });

  it('covers every pixel from which a solid is seen', () => {
    const geom: Geom = {
      shape: 'capsule',
      size: [0.2, 0.2, 0.5],
      position: [2.1, 0.2, -0.9],
      rotation: [0.6, 0, 0.8, 0, 1, 0, -0.8, 0, 0.6],
      rgb: [1, 1, 1],
    };
    const solid = new Solid(geom);
    const [left, top, right, bottom] = view.cover(solid) ?? [0, 0, 0, 0];
    const ray = new Ray();
    let seen = 0;
    for (let y = 0; y < 200; y++) {
      for (let x = 0; x < 320; x++) {
        view.aim(ray, x + 0.5, y + 0.5);
        if (solid.enter(ray) === Number.POSITIVE_INFINITY) continue;
        seen += 1;
        expect(x + 0.5 >= left && x + 0.5 <= right && y + 0.5 >= top && y + 0.5 <= bottom).toBe(true);
      }
    }
    expect(seen).toBeGreaterThan(100);
    expect((right - left) * (bottom - top)).toBeLessThan(4 * seen);
  });

  it('leaves out what is behind', () => {
    const solid = new Solid({
      shape: 'sphere',
      size: [0.3, 0.3, 0.3],
      position: [0, -4, 2],
      rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1],
      rgb: [1, 1, 1],
    });
    expect(view.cover(solid)).toBeUndefined();
  });
});
