import type { Rgb, Texture } from './scene.ts';

const filters = new WeakMap<Texture, BoxFilter>();

/** One a texture. */
export function boxFilterOf(texture: Texture): BoxFilter {
  const filter = filters.get(texture) ?? new BoxFilter(texture);
  filters.set(texture, filter);
  return filter;
}

/**
 * A texture repeated without end, averaged over any rectangle in constant time, by sums over all pixels up to a
 * corner (Crow, "Summed-area tables for texture mapping", 1984). Far pieces of a checkered floor become grey
 * instead of flickering.
 */
export class BoxFilter {
  readonly average: Rgb;
  readonly #width: number;
  readonly #height: number;
  /** 1 where red, green and blue are the same everywhere. */
  readonly #channels: number;
  /** [channels, height + 1, width + 1]: values 0 to 1 of all pixels above and left, summed. */
  readonly #sums: readonly Float64Array[];

  constructor({ width, height, data }: Texture) {
    this.#width = width;
    this.#height = height;
    const isGrey = data.every((value, i) => value === data[i - (i % 3)]);
    this.#channels = isGrey ? 1 : 3;
    this.#sums = Array.from({ length: this.#channels }, (_, channel) => {
      return sumUp(width, height, (pixel) => data[3 * pixel + channel] / 255);
    });
    const means = this.#sums.map((sums) => sums[sums.length - 1] / (width * height));
    this.average = [means[0], means[1] ?? means[0], means[2] ?? means[0]];
  }

  /**
   * The average colour of a rectangle.
   * @param u, v its middle, 1 being the whole texture
   * @param du, dv its sides
   */
  sample(u: number, v: number, du: number, dv: number, color: Float64Array): void {
    // What the edges of a large rectangle cut off is too little to be seen.
    if (!(du < 4 && dv < 4)) {
      color.set(this.average);
      return;
    }
    // A rectangle without area has no average.
    const width = Math.max(du * this.#width, 1e-3);
    const height = Math.max(dv * this.#height, 1e-3);
    const left = firstPeriod(u * this.#width - width / 2, this.#width);
    const top = firstPeriod(v * this.#height - height / 2, this.#height);
    const isInside = left + width <= this.#width && top + height <= this.#height;
    for (let channel = 0; channel < this.#channels; channel++) {
      const integral = isInside
        ? this.#integrate(this.#sums[channel], left, top, left + width, top + height)
        : this.#integrateRepeated(this.#sums[channel], left, top, left + width, top + height);
      color[channel] = integral / (width * height);
    }
    if (this.#channels === 1) color.fill(color[0], 1);
  }

  /** Over a rectangle within the texture, in pixels; between corners of pixels the sums are bilinear. */
  #integrate(sums: Float64Array, left: number, top: number, right: number, bottom: number): number {
    const l = Math.min(Math.floor(left), this.#width - 1);
    const r = Math.min(Math.floor(right), this.#width - 1);
    const row = this.#width + 1;
    const fl = left - l;
    const fr = right - r;
    const across = (start: number) => {
      const from = start + l;
      const to = start + r;
      return sums[to] + fr * (sums[to + 1] - sums[to]) - sums[from] - fl * (sums[from + 1] - sums[from]);
    };
    const t = Math.min(Math.floor(top), this.#height - 1);
    const b = Math.min(Math.floor(bottom), this.#height - 1);
    const upper = across(t * row);
    const lower = across(b * row);
    return (
      lower +
      (bottom - b) * (across((b + 1) * row) - lower) -
      upper -
      (top - t) * (across((t + 1) * row) - upper)
    );
  }

  /** The same where the rectangle reaches into the texture's repetitions to the right and below. */
  #integrateRepeated(sums: Float64Array, left: number, top: number, right: number, bottom: number): number {
    let integral = 0;
    for (let y = top; y < bottom; ) {
      const rowStart = Math.floor(y / this.#height) * this.#height;
      const rowEnd = Math.min(bottom, rowStart + this.#height);
      for (let x = left; x < right; ) {
        const start = Math.floor(x / this.#width) * this.#width;
        const end = Math.min(right, start + this.#width);
        integral += this.#integrate(sums, x - start, y - rowStart, end - start, rowEnd - rowStart);
        x = end;
      }
      y = rowEnd;
    }
    return integral;
  }
}

function sumUp(width: number, height: number, value: (pixel: number) => number): Float64Array {
  const row = width + 1;
  const sums = new Float64Array(row * (height + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y + 1) * row + x + 1;
      sums[at] = value(y * width + x) + sums[at - 1] + sums[at - row] - sums[at - row - 1];
    }
  }
  return sums;
}

/** x minus whole periods, at least 0. */
function firstPeriod(x: number, period: number): number {
  return x - Math.floor(x / period) * period;
}
