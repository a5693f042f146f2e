/** The spaces of gymwire/Conformance-v0, as docs/protocol.md has them. */
import { type Space, Tuple, type Value } from '@gymwire/protocol';

const infinity = Number.POSITIVE_INFINITY;

/** [draw, step, steps in all, resets in all, first element of the last action] */
export const countsSpace: Space = {
  type: 'box',
  low: { dtype: 'float64', shape: [5], data: Float64Array.of(0, 0, 0, 0, -infinity) },
  high: {
    dtype: 'float64',
    shape: [5],
    data: Float64Array.of(2 ** 32 - 1, infinity, infinity, infinity, infinity),
  },
};

/** [how much, command] */
export const commandSpace: Space = {
  type: 'box',
  low: { dtype: 'float32', shape: [2], data: Float32Array.of(-1, -8) },
  high: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 8) },
};

const imageSide = 1300;
const imageShape = [imageSide, imageSide, 3];
const imageSize = imageSide * imageSide * 3;

/** 5 070 000 bytes. */
export const imageSpace: Space = {
  type: 'box',
  low: { dtype: 'uint8', shape: imageShape, data: new Uint8Array(imageSize) },
  high: { dtype: 'uint8', shape: imageShape, data: new Uint8Array(imageSize).fill(255) },
};

/** Byte i is (i + step) mod 251. */
export function imageAt(step: number): Value {
  const data = new Uint8Array(imageSize);
  for (let i = 0; i < imageSize; i++) data[i] = (i + step) % 251;
  return { dtype: 'uint8', shape: imageShape, data };
}

/** Every kind of space. */
export const echoSpace: Space = {
  type: 'dict',
  entries: [
    [
      'angle',
      {
        type: 'box',
        low: { dtype: 'float64', shape: [], data: Float64Array.of(-1) },
        high: { dtype: 'float64', shape: [], data: Float64Array.of(1) },
      },
    ],
    ['choice', { type: 'discrete', n: 5n, start: -2n, dtype: 'int64' }],
    ['flags', { type: 'multi-binary', shape: [3] }],
    [
      'gears',
      {
        type: 'multi-discrete',
        nvec: { dtype: 'int64', shape: [2], data: BigInt64Array.of(3n, 4n) },
        start: { dtype: 'int64', shape: [2], data: BigInt64Array.of(0n, -1n) },
      },
    ],
    [
      'matrix',
      {
        type: 'box',
        low: { dtype: 'float32', shape: [2, 3], data: new Float32Array(6).fill(-infinity) },
        high: { dtype: 'float32', shape: [2, 3], data: new Float32Array(6).fill(infinity) },
      },
    ],
    [
      'pair',
      {
        type: 'tuple',
        spaces: [
          {
            type: 'box',
            low: { dtype: 'int16', shape: [2], data: Int16Array.of(-300, -300) },
            high: { dtype: 'int16', shape: [2], data: Int16Array.of(300, 300) },
          },
          { type: 'discrete', n: 2n, start: 0n, dtype: 'int64' },
        ],
      },
    ],
    ['word', { type: 'text', minLength: 1, maxLength: 3, charset: 'abé😀' }],
  ],
};

/** What a reset of the echo returns. */
export function echoStart(): Value {
  return {
    angle: { dtype: 'float64', shape: [], data: Float64Array.of(0.5) },
    choice: -2n,
    flags: { dtype: 'int8', shape: [3], data: Int8Array.of(1, 0, 1) },
    gears: { dtype: 'int64', shape: [2], data: BigInt64Array.of(2n, -1n) },
    matrix: { dtype: 'float32', shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) },
    pair: new Tuple([{ dtype: 'int16', shape: [2], data: Int16Array.of(-300, 300) }, 1n]),
    word: 'é😀',
  };
}
