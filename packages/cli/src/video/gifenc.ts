/**
 * gifenc, which has no types of its own. It is CommonJS with an `__esModule` mark: what `import` makes of that
 * depends on who imports.
 */
import { createRequire } from 'node:module';

/** [red, green, blue], 0 to 255. */
export type Color = readonly number[];

interface FrameOptions {
  /** Colours of this frame; absent: the first frame's. */
  readonly palette?: readonly Color[];
  /** The first frame carries the size and the palette of those without one. */
  readonly first: boolean;
  /** Milliseconds; GIF has hundredths of a second. */
  readonly delay: number;
  /** True where `transparentIndex` leaves a pixel as it is. */
  readonly transparent: boolean;
  readonly transparentIndex: number;
  /** 1: the next frame is drawn over this one. */
  readonly dispose: number;
}

interface Encoder {
  writeHeader(): void;
  writeFrame(indices: Uint8Array, width: number, height: number, options: FrameOptions): void;
  finish(): void;
  /** A copy of what was written since `reset`. */
  bytes(): Uint8Array;
  reset(): void;
}

interface Gifenc {
  GIFEncoder(options: { readonly auto: false }): Encoder;
  /** @param rgba 4 bytes a pixel */
  quantize(rgba: Uint8Array, maxColors: number): Color[];
  /** The index of each pixel's nearest color. */
  applyPalette(rgba: Uint8Array, palette: readonly Color[]): Uint8Array;
}

const require = createRequire(import.meta.url);
export const gifenc = require('gifenc') as Gifenc;
