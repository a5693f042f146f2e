/**
 * Where a ray enters a shape that lies at the origin of its own frame: the least t > 0, or Infinity. A ray that
 * starts inside does not enter.
 */
import type { Ray } from './ray.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** z = 0 from above; endless where a half size is 0. */
export function enterPlane({ ox, oy, oz, dx, dy, dz }: Ray, halfX: number, halfY: number): number {
  const t = -oz / dz;
  if (!(t > 0) || dz > 0) return NEVER;
  if (halfX > 0 && Math.abs(ox + t * dx) > halfX) return NEVER;
  if (halfY > 0 && Math.abs(oy + t * dy) > halfY) return NEVER;
  return t;
}

/** Also spheres. @param a, b, c the semi-axes */
export function enterEllipsoid(ray: Ray, a: number, b: number, c: number): number {
  const ox = ray.ox / a;
  const oy = ray.oy / b;
  const oz = ray.oz / c;
  const dx = ray.dx / a;
  const dy = ray.dy / b;
  const dz = ray.dz / c;
  return earlierRoot(
    dx * dx + dy * dy + dz * dz,
    ox * dx + oy * dy + oz * dz,
    ox * ox + oy * oy + oz * oz - 1,
  );
}

/** Along z, open-ended half length without the caps. */
export function enterCapsule({ ox, oy, oz, dx, dy, dz }: Ray, radius: number, halfLength: number): number {
  const across = dx * dx + dy * dy;
  const outside = ox * ox + oy * oy - radius * radius;
  const inward = ox * dx + oy * dy;
  // A ray along the axis meets the cap that it comes from.
  let z = dz < 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (across > 0) {
    const discriminant = inward * inward - across * outside;
    if (discriminant < 0) return NEVER;
    const t = (-inward - Math.sqrt(discriminant)) / across;
    z = oz + t * dz;
    if (z >= -halfLength && z <= halfLength) return t > 0 ? t : NEVER;
  }
  const pz = oz - (z > 0 ? halfLength : -halfLength);
  return earlierRoot(across + dz * dz, inward + pz * dz, outside + pz * pz);
}

/** Along z, closed. */
export function enterCylinder({ ox, oy, oz, dx, dy, dz }: Ray, radius: number, halfLength: number): number {
  const lid = ((dz < 0 ? halfLength : -halfLength) - oz) / dz;
  const x = ox + lid * dx;
  const y = oy + lid * dy;
  if (x * x + y * y <= radius * radius) return lid > 0 ? lid : NEVER;
  const t = earlierRoot(dx * dx + dy * dy, ox * dx + oy * dy, ox * ox + oy * oy - radius * radius);
  return Math.abs(oz + t * dz) <= halfLength ? t : NEVER;
}

/** @param a, b, c half sizes */
export function enterBox({ ox, oy, oz, dx, dy, dz }: Ray, a: number, b: number, c: number): number {
  let enter = Number.NEGATIVE_INFINITY;
  let leave = NEVER;
  if (dx !== 0) {
    enter = Math.max(enter, ((dx > 0 ? -a : a) - ox) / dx);
    leave = Math.min(leave, ((dx > 0 ? a : -a) - ox) / dx);
  } else if (Math.abs(ox) > a) return NEVER;
  if (dy !== 0) {
    enter = Math.max(enter, ((dy > 0 ? -b : b) - oy) / dy);
    leave = Math.min(leave, ((dy > 0 ? b : -b) - oy) / dy);
  } else if (Math.abs(oy) > b) return NEVER;
  if (dz !== 0) {
    enter = Math.max(enter, ((dz > 0 ? -c : c) - oz) / dz);
    leave = Math.min(leave, ((dz > 0 ? c : -c) - oz) / dz);
  } else if (Math.abs(oz) > c) return NEVER;
  return enter > 0 && enter <= leave ? enter : NEVER;
}

/** The smaller t with a t² + 2 b t + c = 0, if it is above 0. */
function earlierRoot(a: number, b: number, c: number): number {
  // Away from it or around it; c <= 0 is inside.
  if (b >= 0 || c <= 0) return NEVER;
  const discriminant = b * b - a * c;
  // c / (-b + √) is (-b - √) / a without the difference of near equals.
  return discriminant < 0 ? NEVER : c / (Math.sqrt(discriminant) - b);
}
