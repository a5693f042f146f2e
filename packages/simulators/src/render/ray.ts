/** origin + t · direction; mutable, since a picture needs hundreds of thousands. */
export class Ray {
  ox = 0;
  oy = 0;
  oz = 0;
  dx = 0;
  dy = 0;
  /** The direction need not have length 1: every t is in its lengths. */
  dz = 0;

  from(x: number, y: number, z: number): this {
    this.ox = x;
    this.oy = y;
    this.oz = z;
    return this;
  }

  towards(x: number, y: number, z: number): this {
    this.dx = x;
    this.dy = y;
    this.dz = z;
    return this;
  }
}
