import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ray } from './ray.ts';
import { enterBox, enterCapsule, enterCylinder, enterEllipsoid, enterPlane } from './shapes.ts';

const [a, b, c] = [0.7, 0.4, 1.1];

/** Each with what is inside of it, told in another way: 0 on the surface, negative inside. */
const shapes = {
  ellipsoid: {
    enter: (ray: Ray) => enterEllipsoid(ray, a, b, c),
    outside: (x: number, y: number, z: number) => Math.hypot(x / a, y / b, z / c) - 1,
  },
  capsule: {
    enter: (ray: Ray) => enterCapsule(ray, a, c),
    outside: (x: number, y: number, z: number) => Math.hypot(x, y, Math.max(0, Math.abs(z) - c)) - a,
  },
  cylinder: {
    enter: (ray: Ray) => enterCylinder(ray, a, c),
    outside: (x: number, y: number, z: number) => Math.max(Math.hypot(x, y) - a, Math.abs(z) - c),
  },
  box: {
    enter: (ray: Ray) => enterBox(ray, a, b, c),
    outside: (x: number, y: number, z: number) => Math.max(Math.abs(x) - a, Math.abs(y) - b, Math.abs(z) - c),
  },
};

const coordinate = fc.double({ min: -3, max: 3, noNaN: true });
const rays = fc.tuple(coordinate, coordinate, coordinate, coordinate, coordinate, coordinate);

describe.each(Object.entries(shapes))('%s', (_, { enter, outside }) => {
  it('is entered where its inside begins', () => {
    fc.assert(
      fc.property(rays, ([ox, oy, oz, dx, dy, dz]) => {
        fc.pre(Math.hypot(dx, dy, dz) > 0.1);
        const at = (t: number) => outside(ox + t * dx, oy + t * dy, oz + t * dz);
        const least = (end: number, steps: number) =>
          Math.min(...Array.from({ length: steps }, (_, i) => at((end * i) / steps)));
        const t = enter(new Ray().from(ox, oy, oz).towards(dx, dy, dz));
        const isRight =
          t === Number.POSITIVE_INFINITY
            ? // Inside already, or never more than grazed.
              at(0) <= 0 || least(100, 400) > -0.05
            : t > 0 && Math.abs(at(t)) < 1e-9 && least(t, 50) > -1e-9;
        expect(isRight).toBe(true);
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });

  it.each([
    ['x', [3, 0.1, 0.1], [-1, 0, 0]],
    ['y', [0.1, 3, 0.1], [0, -1, 0]],
    ['z', [0.1, 0.1, 3], [0, 0, -1]],
    ['-z', [0.1, 0.1, -3], [0, 0, 1]],
  ] as const)('is met by a ray along %s, and not by the one that goes away', (_axis, origin, direction) => {
    const [x, y, z] = direction;
    const [fromX, fromY, fromZ] = origin;
    const t = enter(new Ray().from(fromX, fromY, fromZ).towards(x, y, z));
    expect(outside(fromX + t * x, fromY + t * y, fromZ + t * z)).toBeCloseTo(0, 9);
    expect(enter(new Ray().from(fromX, fromY, fromZ).towards(-x, -y, -z))).toBe(Number.POSITIVE_INFINITY);
  });

  it('is missed by a ray beside it', () => {
    for (const [x, y] of [
      [2, 0],
      [0, 2],
    ] as const) {
      expect(enter(new Ray().from(x, y, 3).towards(0, 0, -1))).toBe(Number.POSITIVE_INFINITY);
    }
  });
});

describe('plane', () => {
  it('is met from above, as far as it goes', () => {
    const down = (x: number, y: number) => new Ray().from(x, y, 2).towards(0, 0, -1);
    expect(enterPlane(down(0.5, 1.5), 1, 2)).toBe(2);
    expect(enterPlane(down(1.5, 0), 1, 2)).toBe(Number.POSITIVE_INFINITY);
    expect(enterPlane(down(0, 2.5), 1, 2)).toBe(Number.POSITIVE_INFINITY);
    expect(enterPlane(down(1e6, 1e6), 0, 0)).toBe(2);
  });

  it('is not met from below, nor by a ray that runs along it', () => {
    expect(enterPlane(new Ray().from(0, 0, -2).towards(0, 0, 1), 0, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(enterPlane(new Ray().from(0, 0, 2).towards(0, 0, 1), 0, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(enterPlane(new Ray().from(0, 0, 2).towards(1, 0, 0), 0, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(enterPlane(new Ray().from(0, 0, 0).towards(1, 0, 0), 0, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});
