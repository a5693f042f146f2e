import type { Frame } from '@gymwire/protocol';

/** A picture whose longer side is `longest` at most; each pixel is the mean of the area that it stands for. */
export function shrinkFrame(frame: Frame, longest: number): Frame {
  const { width: fromWidth, height: fromHeight, data } = frame;
  const scale = longest / Math.max(fromWidth, fromHeight);
  if (scale >= 1) return frame;
  const width = Math.max(1, Math.round(fromWidth * scale));
  const height = Math.max(1, Math.round(fromHeight * scale));
  const columns = shares(fromWidth, width);
  // First across, then down: the mean over a rectangle is the mean of the means of its rows.
  const across = new Float32Array(fromHeight * width * 3);
  for (let y = 0; y < fromHeight; y++) {
    for (const [x, parts] of columns.entries()) {
      for (const { at, share } of parts) add(across, y * width + x, data, y * fromWidth + at, share);
    }
  }
  const down = new Float32Array(height * width * 3);
  for (const [y, parts] of shares(fromHeight, height).entries()) {
    for (const { at, share } of parts) {
      for (let x = 0; x < width; x++) add(down, y * width + x, across, at * width + x, share);
    }
  }
  return { width, height, data: Uint8Array.from(down, Math.round) };
}

interface Part {
  readonly at: number;
  readonly share: number;
}

/** Which of `from` lines each of `to` lines is made of; shares of a line add up to 1. */
function shares(from: number, to: number): readonly (readonly Part[])[] {
  return Array.from({ length: to }, (_, line) => {
    const [start, end] = [(line * from) / to, ((line + 1) * from) / to];
    const parts: Part[] = [];
    for (let at = Math.floor(start); at < end; at++) {
      const share = ((Math.min(at + 1, end) - Math.max(at, start)) * to) / from;
      if (share > 1e-9) parts.push({ at, share });
    }
    return parts;
  });
}

function add(
  to: Float32Array,
  toPixel: number,
  from: Uint8Array | Float32Array,
  fromPixel: number,
  share: number,
): void {
  for (let c = 0; c < 3; c++) to[3 * toPixel + c] += share * from[3 * fromPixel + c];
}
