import type { Frame } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { GifEncoder } from './gif-encoder.ts';

type Color = readonly [number, number, number];

function picture(width: number, height: number, color: (x: number, y: number) => Color): Frame {
  const pixels = Array.from({ length: width * height }, (_, i) => color(i % width, Math.floor(i / width)));
  return { width, height, data: Uint8Array.from(pixels.flat()) };
}

function encode(
  frames: readonly Frame[],
  endsMs = frames.map((_, i) => 50 * (i + 1)),
): { gif: Gif; bytes: number[] } {
  const encoder = new GifEncoder();
  const parts = frames.map((frame, i) => encoder.add(frame, endsMs[i]));
  const bytes = [...parts.map((part) => [...part]), [...encoder.finish()]].flat();
  return { gif: decodeGif(Uint8Array.from(bytes)), bytes };
}

/** The greatest error of red, green and blue. */
function greatestError(shown: Uint8Array, frame: Frame): number {
  return shown.reduce((most, value, i) => Math.max(most, Math.abs(value - frame.data[i])), 0);
}

const isIn = (x: number, y: number, cx: number, cy: number, r: number) => Math.hypot(x - cx, y - cy) < r;
/** A disc on a coloured slope; it moves on. */
const film = Array.from({ length: 8 }, (_, k) =>
  picture(60, 40, (x, y) => (isIn(x, y, 10 + 5 * k, 20, 6) ? [200, 60, 20] : [4 * x, 3 * y, 120])),
);

describe('GifEncoder', () => {
  it('shows every frame as it was, in the colours that GIF has', () => {
    const { gif } = encode(film);
    expect([gif.width, gif.height, gif.frames.length]).toEqual([60, 40, 8]);
    for (const [i, { data }] of gif.frames.entries()) expect(greatestError(data, film[i])).toBeLessThan(32);
  });

  it('is exact where there are few colours', () => {
    const frames = [0, 3, 6].map((shift) =>
      picture(20, 20, (x) => (x < 5 + shift ? [248, 0, 0] : [0, 252, 248])),
    );
    const { gif } = encode(frames);
    for (const [i, { data }] of gif.frames.entries()) expect(data).toEqual(frames[i].data);
  });

  it('says only what changed where most does not', () => {
    const color = (x: number, y: number): Color => [(x * 3) % 256, (y * 3) % 256, (x * y) % 256];
    const still = picture(80, 80, color);
    const dot = (k: number) => picture(80, 80, (x, y) => (x === k && y === k ? [0, 0, 0] : color(x, y)));
    const one = encode([still]).bytes.length;
    const { gif, bytes } = encode([still, dot(10), dot(40), still]);
    expect(bytes.length - one).toBeLessThan(0.15 * one);
    expect(gif.frames[3].data).toEqual(gif.frames[0].data);
    expect(greatestError(gif.frames[2].data, dot(40))).toBeLessThan(40);
  });

  it('keeps its palette until the colours change', () => {
    const bright = picture(30, 30, (x, y) => [8 * x, 8 * y, 250]);
    const dark = picture(30, 30, (x, y) => [0, x, 2 * y]);
    const { gif } = encode([bright, bright, dark, dark, bright]);
    expect(gif.frames.map(({ hasPalette }) => hasPalette)).toEqual([false, false, true, true, true]);
    expect(greatestError(gif.frames[3].data, dark)).toBeLessThan(24);
    expect(greatestError(gif.frames[4].data, bright)).toBeLessThan(24);
  });

  it('keeps to real time however the hundredths fall, and repeats', () => {
    const ends = film.map((_, i) => (1000 * (i + 1)) / 30);
    const { gif } = encode(film, ends);
    expect(gif.frames.map(({ delay }) => delay)).toEqual([3, 4, 3, 3, 4, 3, 3, 4]);
    expect(gif.repeatsForever).toBe(true);
  });

  it('gives the same bytes for the same frames', () => {
    expect(encode(film).bytes).toEqual(encode(film).bytes);
  });
});

interface ShownFrame {
  /** Hundredths of a second. */
  readonly delay: number;
  /** [height, width, 3] */
  readonly data: Uint8Array;
  /** True where it has a palette of its own. */
  readonly hasPalette: boolean;
}

interface Gif {
  readonly width: number;
  readonly height: number;
  readonly repeatsForever: boolean;
  readonly frames: readonly ShownFrame[];
}

/**
 * Frames as they are shown, by the specification (GIF89a, CompuServe 1990).
 * @throws Error where the file is not what these tests write
 */
function decodeGif(bytes: Uint8Array): Gif {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  const word = (at: number) => bytes[at] + 256 * bytes[at + 1];
  const colors = (flags: number) => 3 * 2 ** ((flags & 7) + 1);
  if (text(0, 6) !== 'GIF89a') throw new Error('no GIF');
  const width = word(6);
  const height = word(8);
  let at = 13 + colors(bytes[10]);
  const globalPalette = bytes.subarray(13, at);
  const canvas = new Uint8Array(3 * width * height);
  const frames: ShownFrame[] = [];
  let repeatsForever = false;
  let control = { delay: 0, clear: -1 };
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      const label = bytes[at + 1];
      if (label === 0xf9) control = { delay: word(at + 4), clear: bytes[at + 3] & 1 ? bytes[at + 6] : -1 };
      if (label === 0xff) repeatsForever = text(at + 3, at + 14) === 'NETSCAPE2.0' && word(at + 16) === 0;
      at = readBlocks(bytes, at + 2).end;
      continue;
    }
    if (bytes[at] !== 0x2c) throw new Error(`no block at ${at}`);
    const flags = bytes[at + 9];
    const hasPalette = flags >= 128;
    const start = at + 10 + (hasPalette ? colors(flags) : 0);
    const palette = hasPalette ? bytes.subarray(at + 10, start) : globalPalette;
    const { data, end } = readBlocks(bytes, start + 1);
    for (const [i, index] of unpack(data, bytes[start]).entries()) {
      if (index !== control.clear) canvas.set(palette.subarray(3 * index, 3 * index + 3), 3 * i);
    }
    frames.push({ delay: control.delay, data: canvas.slice(), hasPalette });
    at = end;
  }
  if (at !== bytes.length - 1) throw new Error('the file goes on after its end');
  return { width, height, repeatsForever, frames };
}

function readBlocks(bytes: Uint8Array, start: number): { data: number[]; end: number } {
  const data: number[] = [];
  let at = start;
  while (bytes[at] > 0) {
    data.push(...bytes.subarray(at + 1, at + 1 + bytes[at]));
    at += 1 + bytes[at];
  }
  return { data, end: at + 1 };
}

/** LZW with codes of growing length. */
function unpack(data: readonly number[], codeSize: number): number[] {
  const clear = 2 ** codeSize;
  const pixels: number[] = [];
  let table: number[][] = [];
  let width = 0;
  let last: number[] | undefined;
  for (let bit = 0; ; ) {
    let code = 0;
    width = last === undefined ? codeSize + 1 : width;
    for (let i = 0; i < width; i++, bit++) code += ((data[bit >> 3] >> (bit & 7)) & 1) << i;
    if (code === clear) {
      table = Array.from({ length: clear + 2 }, (_, i) => [i]);
      last = undefined;
      continue;
    }
    if (code === clear + 1) return pixels;
    const entry: number[] | undefined = table[code] ?? (last === undefined ? undefined : [...last, last[0]]);
    if (entry === undefined) throw new Error(`no code ${code}`);
    if (last === undefined) width = codeSize + 1;
    else if (table.length < 4096) table.push([...last, entry[0]]);
    if (table.length === 2 ** width && width < 12) width += 1;
    for (const index of entry) pixels.push(index);
    last = entry;
  }
}
