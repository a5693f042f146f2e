import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { flattenObservation, type Observation } from './flatten-observation.ts';
import type { ObservationDType, ObservationLayout } from './observation-layout.ts';

const layout: ObservationLayout = {
  type: 'dict',
  entries: [
    ['pose', { type: 'box', dtype: 'float64', shape: [2] }],
    ['picture', { type: 'box', dtype: 'uint8', shape: [2, 2] }],
    [
      'rest',
      {
        type: 'tuple',
        items: [
          { type: 'box', dtype: 'bool', shape: [] },
          { type: 'box', dtype: 'int64', shape: [1] },
        ],
      },
    ],
  ],
};
const sound = {
  picture: Uint8Array.of(1, 2, 3, 255),
  rest: [true, BigInt64Array.of(-7n)],
  pose: Float64Array.of(0.1, -2),
};
const row = Float32Array.of(0.1, -2, 1, 2, 3, 255, 1, -7);

function box(dtype: ObservationDType, ...shape: number[]): ObservationLayout {
  return { type: 'box', dtype, shape };
}

describe('flattenObservation', () => {
  it.each<[string, Observation]>([
    ['typed arrays', sound],
    [
      'lists, nested or not',
      {
        ...sound,
        pose: [0.1, -2],
        picture: [
          [1, 2],
          [3, 255],
        ],
      },
    ],
    [
      'tensors with their shapes',
      {
        pose: { dtype: 'float64', shape: [2], data: Float64Array.of(0.1, -2) },
        picture: { dtype: 'uint8', shape: [2, 2], data: sound.picture },
        rest: {
          items: [
            { dtype: 'bool', value: 1 },
            { dtype: 'int64', shape: [1], data: BigInt64Array.of(-7n) },
          ],
        },
      },
    ],
    [
      'arrays of another realm',
      { ...sound, pose: runInNewContext('Float64Array.of(0.1, -2)') as Float64Array },
    ],
    ['lists of another realm', { ...sound, rest: runInNewContext('[1, [-7]]') as Observation }],
    [
      'a dictionary without a prototype',
      Object.assign(Object.create(null) as Record<string, Observation>, sound),
    ],
  ])('takes %s, in the order of the layout', (_what, observation) => {
    expect(flattenObservation(layout, observation)).toEqual(row);
  });

  it('takes batches as vector environments give them', () => {
    const batch = {
      pose: Float64Array.of(0.1, -2, 3, 4),
      picture: { shape: [2, 2, 2], data: Uint8Array.of(1, 2, 3, 255, 5, 6, 7, 8) },
      rest: { items: [Uint8Array.of(1, 0), BigInt64Array.of(-7n, 9n)] },
    };
    expect(flattenObservation(layout, batch, 2)).toEqual(Float32Array.of(...row, 3, 4, 5, 6, 7, 8, 0, 9));
    expect(flattenObservation(box('float32'), [1, 2, 3], 3)).toEqual(Float32Array.of(1, 2, 3));
  });

  it.each<[string, unknown, string, string]>([
    [
      'nothing',
      undefined,
      'OBSERVATION_STRUCTURE',
      'observation: expected a dictionary of "pose", "picture", "rest"',
    ],
    ['a flat array', new Float64Array(8), 'OBSERVATION_STRUCTURE', 'got a Float64Array of 64 bytes'],
    ['a list', [sound], 'OBSERVATION_STRUCTURE', 'got a list of 1'],
    [
      'a missing key',
      { ...sound, pose: undefined },
      'OBSERVATION_STRUCTURE',
      'observation["pose"]: expected an array',
    ],
    [
      'no such key',
      { picture: sound.picture, rest: sound.rest },
      'OBSERVATION_STRUCTURE',
      'observation: expected a dictionary of "pose", "picture", "rest", got none of "pose"',
    ],
    ['a key more', { ...sound, speed: [0] }, 'OBSERVATION_STRUCTURE', 'got "speed" too'],
    [
      'a shorter tuple',
      { ...sound, rest: [1] },
      'OBSERVATION_STRUCTURE',
      'observation["rest"]: expected a tuple of 2, got 1 items',
    ],
    ['no tuple', { ...sound, rest: 1 }, 'OBSERVATION_STRUCTURE', 'expected a tuple of 2, got a number'],
    [
      'text',
      { ...sound, pose: 'up' },
      'OBSERVATION_STRUCTURE',
      'expected an array of shape [2], got a string',
    ],
    ['a promise', Promise.resolve(sound), 'OBSERVATION_STRUCTURE', 'got none of "pose"'],
    [
      'too few numbers',
      { ...sound, pose: [1] },
      'OBSERVATION_SIZE',
      'observation["pose"]: expected shape [2], got 1 numbers',
    ],
    [
      'another shape',
      { ...sound, picture: { shape: [4], data: sound.picture } },
      'OBSERVATION_SIZE',
      'observation["picture"]: expected shape [2, 2], got [4], 4 numbers',
    ],
    [
      'a shape that lies',
      { ...sound, picture: { shape: [2, 2], data: [1] } },
      'OBSERVATION_SIZE',
      'got [2, 2], 1 numbers',
    ],
    [
      'lists of other lengths',
      { ...sound, picture: [[1, 2, 3], [4]] },
      'OBSERVATION_SIZE',
      'observation["picture"][0]',
    ],
    [
      'too many lists',
      {
        ...sound,
        picture: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      },
      'OBSERVATION_SIZE',
      'got a list of 3 lists',
    ],
    [
      'lists too deep',
      { ...sound, pose: [[1], [2]] },
      'OBSERVATION_SIZE',
      'expected shape [2], got a list of 2 lists',
    ],
    [
      'an array for a number',
      { ...sound, rest: [[1, 0], [1]] },
      'OBSERVATION_SIZE',
      'observation["rest"][0]',
    ],
    [
      'a fraction where whole numbers are',
      { ...sound, picture: Float32Array.of(0, 0.5, 1, 1) },
      'OBSERVATION_VALUE',
      'observation["picture"], number 1: expected a whole number from 0 to 255 (uint8), got 0.5',
    ],
    [
      'a number out of range',
      { ...sound, picture: [0, 0, 0, 256] },
      'OBSERVATION_VALUE',
      'number 3: expected a whole',
    ],
    [
      'neither true nor false',
      { ...sound, rest: [2, [1]] },
      'OBSERVATION_VALUE',
      'from 0 to 1 (bool), got 2',
    ],
    ['a byte for a bool', { ...sound, rest: [Uint8Array.of(7), [1]] }, 'OBSERVATION_VALUE', 'got 7'],
    ['NaN among whole numbers', { ...sound, picture: [0, 0, 0, NaN] }, 'OBSERVATION_VALUE', 'got NaN'],
    [
      'text among numbers',
      { ...sound, pose: [0, '1'] },
      'OBSERVATION_VALUE',
      'number 1: expected a number, got a string',
    ],
    ['a hole', { ...sound, pose: [0, null] }, 'OBSERVATION_VALUE', 'got null'],
    [
      'more than float32 holds',
      { ...sound, pose: [0, 1e39] },
      'OBSERVATION_TOO_LARGE',
      'observation["pose"], number 1',
    ],
  ])('refuses %s', (_what, observation, code, message) => {
    expect(() => flattenObservation(layout, observation as Observation)).toThrow(
      expect.objectContaining({ name: 'ExporterError', code, message: expect.stringContaining(message) }),
    );
  });
});
