import type { Rgb, Texture } from '../scene/scene.ts';

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
  readonly #part = new Float64Array(4);

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
   * The average colour of a rectangle. Numbers come in arrays: V8 makes an object of each that is an argument.
   * @param area its middle and its sides [u, v, du, dv], 1 being the whole texture; overwritten
   */
  sample(area: Float64Array, color: Float64Array): void {
    const fullWidth = this.#width;
    const fullHeight = this.#height;
    // What the edges of a large rectangle cut off is too little to be seen.
    if (!(area[2] < 4 && area[3] < 4)) {
      color.set(this.average);
      return;
    }
    // A rectangle without area has no average.
    const width = Math.max(area[2] * fullWidth, 1e-3);
    const height = Math.max(area[3] * fullHeight, 1e-3);
    const x = area[0] * fullWidth - width / 2;
    const y = area[1] * fullHeight - height / 2;
    area[0] = x - Math.floor(x / fullWidth) * fullWidth;
    area[1] = y - Math.floor(y / fullHeight) * fullHeight;
    area[2] = area[0] + width;
    area[3] = area[1] + height;
    const scale = 1 / (width * height);
    const isInside = area[2] <= fullWidth && area[3] <= fullHeight;
    for (let channel = 0; channel < this.#channels; channel++) {
      const sums = this.#sums[channel];
      color[channel] = scale * (isInside ? this.#integrate(sums, area) : this.#integrateRepeated(sums, area));
    }
    if (this.#channels === 1) color[1] = color[2] = color[0];
  }

  /** Over a rectangle [left, top, right, bottom] of pixels; between their corners the sums are bilinear. */
  #integrate(sums: Float64Array, area: Float64Array): number {
    const lastColumn = this.#width - 1;
    const lastLine = this.#height - 1;
    const left = Math.min(Math.floor(area[0]), lastColumn);
    const right = Math.min(Math.floor(area[2]), lastColumn);
    const top = Math.min(Math.floor(area[1]), lastLine);
    const bottom = Math.min(Math.floor(area[3]), lastLine);
    const afterLeft = area[0] - left;
    const afterRight = area[2] - right;
    const row = this.#width + 1;
    let integral = 0;
    for (let line = 0; line < 4; line++) {
      // The rows above and below the upper edge, to be taken off, and above and below the lower edge.
      const isLower = line >= 2;
      const below = isLower ? area[3] - bottom : area[1] - top;
      const weight = (line & 1 ? below : 1 - below) * (isLower ? 1 : -1);
      const start = ((isLower ? bottom : top) + (line & 1)) * row;
      const a = start + left;
      const b = start + right;
      const across =
        sums[b] + afterRight * (sums[b + 1] - sums[b]) - sums[a] - afterLeft * (sums[a + 1] - sums[a]);
      integral += weight * across;
    }
    return integral;
  }

  /** The same where the rectangle reaches into the texture's repetitions to the right and below. */
  #integrateRepeated(sums: Float64Array, area: Float64Array): number {
    const [left, top, right, bottom] = area;
    const part = this.#part;
    let integral = 0;
    for (let y = top; y < bottom; ) {
      const rowStart = Math.floor(y / this.#height) * this.#height;
      const rowEnd = Math.min(bottom, rowStart + this.#height);
      for (let x = left; x < right; ) {
        const start = Math.floor(x / this.#width) * this.#width;
        const end = Math.min(right, start + this.#width);
        part[0] = x - start;
        part[1] = y - rowStart;
        part[2] = end - start;
        part[3] = rowEnd - rowStart;
        integral += this.#integrate(sums, part);
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
