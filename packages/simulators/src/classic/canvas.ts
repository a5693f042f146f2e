import type { Frame } from '@gymwire/protocol';

export type Color = readonly [red: number, green: number, blue: number];

/** A white rgb picture to draw on, edges smoothed. Coordinates in pixels, origin at the upper left. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly #data: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#data = new Uint8Array(width * height * 3).fill(255);
  }

  disc(x: number, y: number, radius: number, color: Color): void {
    this.line(x, y, x, y, 2 * radius, color);
  }

  /** A line of this thickness with round ends. */
  line(x0: number, y0: number, x1: number, y1: number, thickness: number, color: Color): void {
    const radius = thickness / 2;
    const margin = radius + 1;
    const left = Math.max(0, Math.floor(Math.min(x0, x1) - margin));
    const right = Math.min(this.width - 1, Math.ceil(Math.max(x0, x1) + margin));
    const top = Math.max(0, Math.floor(Math.min(y0, y1) - margin));
    const bottom = Math.min(this.height - 1, Math.ceil(Math.max(y0, y1) + margin));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const distance = distanceToSegment(x + 0.5, y + 0.5, x0, y0, x1, y1);
        this.#blend(x, y, Math.min(1, radius + 0.5 - distance), color);
      }
    }
  }

  /** The picture as it stands now. */
  frame(): Frame {
    return { width: this.width, height: this.height, data: this.#data.slice() };
  }

  #blend(x: number, y: number, opacity: number, color: Color): void {
    if (!(opacity > 0)) return;
    const at = 3 * (y * this.width + x);
    for (let i = 0; i < 3; i++) {
      const below = this.#data[at + i];
      this.#data[at + i] = Math.round(below + opacity * (color[i] - below));
    }
  }
}

function distanceToSegment(x: number, y: number, x0: number, y0: number, x1: number, y1: number): number {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const lengthSquared = dx * dx + dy * dy;
  const along = lengthSquared === 0 ? 0 : ((x - x0) * dx + (y - y0) * dy) / lengthSquared;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - x0 - t * dx, y - y0 - t * dy);
}
