import type { Mesh } from '../scene/scene.ts';
import type { Ray } from './ray.ts';

const LEAF_TRIANGLES = 4;
const NEVER = Number.POSITIVE_INFINITY;
const trees = new WeakMap<Mesh, MeshTree>();

/** A tree of boxes over a mesh's triangles, so that a ray asks few of them. */
export class MeshTree {
  readonly #vertices: Float32Array;
  /** [triangles, 3], those of a leaf side by side. */
  readonly #corners: Uint32Array;
  readonly #boxes: number[] = [];
  /** Two numbers a node: first triangle and their number, or minus the second child and 0; the first child is next. */
  readonly #nodes: number[] = [];
  #hit = 0;

  /** One a mesh, built when it is first asked for. */
  static of(mesh: Mesh): MeshTree {
    const tree = trees.get(mesh) ?? new MeshTree(mesh);
    trees.set(mesh, tree);
    return tree;
  }

  private constructor({ vertices, triangles }: Mesh) {
    this.#vertices = vertices;
    const order = Uint32Array.from({ length: triangles.length / 3 }, (_, i) => i);
    const centre = (triangle: number, axis: number) =>
      vertices[3 * triangles[3 * triangle] + axis] +
      vertices[3 * triangles[3 * triangle + 1] + axis] +
      vertices[3 * triangles[3 * triangle + 2] + axis];
    const build = (first: number, count: number): void => {
      const node = this.#nodes.length / 2;
      const box = boxAround(vertices, triangles, order.subarray(first, first + count));
      this.#boxes.push(...box);
      this.#nodes.push(first, count);
      if (count <= LEAF_TRIANGLES) return;
      const widths = [box[3] - box[0], box[4] - box[1], box[5] - box[2]];
      const axis = widths.indexOf(Math.max(...widths));
      order.subarray(first, first + count).sort((i, j) => centre(i, axis) - centre(j, axis));
      const half = count >> 1;
      build(first, half);
      this.#nodes[2 * node] = -this.#nodes.length / 2;
      this.#nodes[2 * node + 1] = 0;
      build(first + half, count - half);
    };
    if (order.length > 0) build(0, order.length);
    this.#corners = Uint32Array.from({ length: 3 * order.length }, (_, i) => {
      return triangles[3 * order[Math.floor(i / 3)] + (i % 3)];
    });
  }

  /** The t at which a ray of the mesh's frame meets its first triangle from the front, or Infinity. */
  enter(ray: Ray): number {
    let nearest = NEVER;
    const pending = this.#nodes.length === 0 ? [] : [0];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (!(this.#enterBox(node, ray) < nearest)) continue;
      const first = this.#nodes[2 * node];
      const count = this.#nodes[2 * node + 1];
      if (count === 0) pending.push(-first, node + 1);
      for (let triangle = first; triangle < first + count; triangle++) {
        const t = this.#enterTriangle(triangle, ray);
        if (t >= nearest) continue;
        nearest = t;
        this.#hit = triangle;
      }
    }
    return nearest;
  }

  /** The normal of the triangle that this ray meets; any length. */
  normal(ray: Ray, normal: Float64Array): void {
    this.enter(ray);
    const [a, b, c] = this.#corners.subarray(3 * this.#hit, 3 * this.#hit + 3);
    const v = this.#vertices;
    const side = (to: number, axis: number) => v[3 * to + axis] - v[3 * a + axis];
    for (let axis = 0; axis < 3; axis++) {
      const [p, q] = [(axis + 1) % 3, (axis + 2) % 3];
      normal[axis] = side(b, p) * side(c, q) - side(b, q) * side(c, p);
    }
  }

  /** 0 from inside. */
  #enterBox(node: number, { ox, oy, oz, dx, dy, dz }: Ray): number {
    const boxes = this.#boxes;
    const at = 6 * node;
    // 0 / 0 in a ray that runs along a side is NaN, which fails every comparison below: that box is not entered.
    const x0 = (boxes[at] - ox) / dx;
    const x1 = (boxes[at + 3] - ox) / dx;
    const y0 = (boxes[at + 1] - oy) / dy;
    const y1 = (boxes[at + 4] - oy) / dy;
    const z0 = (boxes[at + 2] - oz) / dz;
    const z1 = (boxes[at + 5] - oz) / dz;
    const enter = Math.max(0, Math.min(x0, x1), Math.min(y0, y1), Math.min(z0, z1));
    const leave = Math.min(Math.max(x0, x1), Math.max(y0, y1), Math.max(z0, z1));
    return enter <= leave ? enter : NEVER;
  }

  /** Möller and Trumbore, "Fast, minimum storage ray-triangle intersection" (1997), front faces only. */
  #enterTriangle(triangle: number, { ox, oy, oz, dx, dy, dz }: Ray): number {
    const v = this.#vertices;
    const a = 3 * this.#corners[3 * triangle];
    const b = 3 * this.#corners[3 * triangle + 1];
    const c = 3 * this.#corners[3 * triangle + 2];
    const [ux, uy, uz] = [v[b] - v[a], v[b + 1] - v[a + 1], v[b + 2] - v[a + 2]];
    const [vx, vy, vz] = [v[c] - v[a], v[c + 1] - v[a + 1], v[c + 2] - v[a + 2]];
    const [px, py, pz] = [dy * vz - dz * vy, dz * vx - dx * vz, dx * vy - dy * vx];
    const determinant = ux * px + uy * py + uz * pz;
    if (determinant <= 0) return NEVER;
    const [sx, sy, sz] = [ox - v[a], oy - v[a + 1], oz - v[a + 2]];
    const first = sx * px + sy * py + sz * pz;
    if (first < 0 || first > determinant) return NEVER;
    const [qx, qy, qz] = [sy * uz - sz * uy, sz * ux - sx * uz, sx * uy - sy * ux];
    const second = dx * qx + dy * qy + dz * qz;
    if (second < 0 || first + second > determinant) return NEVER;
    const t = (vx * qx + vy * qy + vz * qz) / determinant;
    return t > 0 ? t : NEVER;
  }
}

/** [low x, y, z, high x, y, z] */
function boxAround(vertices: Float32Array, triangles: Uint32Array, which: Uint32Array): number[] {
  const box = [NEVER, NEVER, NEVER, -NEVER, -NEVER, -NEVER];
  for (const triangle of which) {
    for (let k = 0; k < 9; k++) {
      const axis = k % 3;
      const value = vertices[3 * triangles[3 * triangle + Math.floor(k / 3)] + axis];
      box[axis] = Math.min(box[axis], value);
      box[3 + axis] = Math.max(box[3 + axis], value);
    }
  }
  return box;
}
