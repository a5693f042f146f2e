import type { Frame } from '@gymwire/protocol';
import { type Color, gifenc } from './gifenc.ts';

/** One of 256 is left for what does not change. */
const MAX_COLORS = 255;
const UNCHANGED = 255;
/** Frames of which more than this share is unchanged say what changed; for others that takes more room. */
const STILL = 0.9;
/** A palette goes when more pixels are off than in the frame it was made for, by this share of all … */
const BADLY_SHOWN = 0.002;
/** … that is, by more than this in red, green or blue; gifenc itself rounds to 5 or 6 bits. */
const OFF = 24;

/** An endlessly repeated GIF, frame by frame, so that a long episode takes no memory. */
export class GifEncoder {
  readonly #gif = gifenc.GIFEncoder({ auto: false });
  #previous: Uint8Array | undefined;
  #firstPalette: readonly Color[] = [];
  /** Kept as long as it will do: a new one for each frame makes still surfaces flicker. */
  #palette: readonly Color[] = [];
  /** Number of pixels that may be off. */
  #tolerance = 0;
  #lastEnd = 0;

  /**
   * @param frame as large as those before
   * @param endMs from the beginning: when the next frame comes. GIF's hundredths of a second are rounded such that
   *   errors do not add up.
   * @returns the bytes that come next in the file
   */
  add({ width, height, data }: Frame, endMs: number): Uint8Array {
    const first = this.#previous === undefined;
    const indices = this.#index(withOpacity(data), first);
    const transparent = this.#previous !== undefined && markUnchanged(indices, data, this.#previous);
    const end = Math.round(endMs / 10);
    this.#gif.reset();
    if (first) this.#gif.writeHeader();
    this.#gif.writeFrame(indices, width, height, {
      first,
      ...(first || this.#palette !== this.#firstPalette ? { palette: padded(this.#palette) } : {}),
      delay: 10 * (end - this.#lastEnd),
      transparent,
      transparentIndex: UNCHANGED,
      dispose: 1,
    });
    this.#previous = data;
    this.#lastEnd = end;
    return this.#gif.bytes();
  }

  /** @returns the file's last bytes */
  finish(): Uint8Array {
    this.#gif.reset();
    this.#gif.finish();
    return this.#gif.bytes();
  }

  #index(rgba: Uint8Array, isFirst: boolean): Uint8Array {
    if (!isFirst) {
      const indices = gifenc.applyPalette(rgba, this.#palette);
      if (countOff(rgba, indices, this.#palette) <= this.#tolerance) return indices;
    }
    this.#palette = gifenc.quantize(rgba, MAX_COLORS);
    if (isFirst) this.#firstPalette = this.#palette;
    const indices = gifenc.applyPalette(rgba, this.#palette);
    this.#tolerance = countOff(rgba, indices, this.#palette) + BADLY_SHOWN * indices.length;
    return indices;
  }
}

function withOpacity(rgb: Uint8Array): Uint8Array {
  const rgba = new Uint8Array((rgb.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from];
    rgba[to + 1] = rgb[from + 1];
    rgba[to + 2] = rgb[from + 2];
  }
  return rgba;
}

/** So that `UNCHANGED` is one of its indices. */
function padded(palette: readonly Color[]): readonly Color[] {
  return Array.from({ length: 256 }, (_, i) => palette[i] ?? [0, 0, 0]);
}

function countOff(rgba: Uint8Array, indices: Uint8Array, palette: readonly Color[]): number {
  let off = 0;
  for (let i = 0; i < indices.length; i++) {
    const color = palette[indices[i]];
    const isOff =
      Math.abs(color[0] - rgba[4 * i]) > OFF ||
      Math.abs(color[1] - rgba[4 * i + 1]) > OFF ||
      Math.abs(color[2] - rgba[4 * i + 2]) > OFF;
    if (isOff) off += 1;
  }
  return off;
}

/** Where most of a frame is still, marks what is. @returns whether it did */
function markUnchanged(indices: Uint8Array, now: Uint8Array, before: Uint8Array): boolean {
  const isSame = (i: number) =>
    now[3 * i] === before[3 * i] &&
    now[3 * i + 1] === before[3 * i + 1] &&
    now[3 * i + 2] === before[3 * i + 2];
  let same = 0;
  for (let i = 0; i < indices.length; i++) if (isSame(i)) same += 1;
  if (same < STILL * indices.length) return false;
  for (let i = 0; i < indices.length; i++) if (isSame(i)) indices[i] = UNCHANGED;
  return true;
}
