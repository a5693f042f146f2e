import { type BoxSpace, box, type DType, type Space, Tuple, zeros } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { createFlattener, readActionBounds } from './flatten.ts';

function boxOf(dtype: DType, shape: number[]): BoxSpace {
  return { type: 'box', low: zeros(dtype, shape), high: zeros(dtype, shape) };
}

describe('createFlattener', () => {
  it('casts a float64 Box to float32 rows once', () => {
    const flattener = createFlattener(boxOf('float64', [2]), 'observation');
    const out = new Float32Array(4);
    flattener.write({ dtype: 'float64', shape: [2, 2], data: Float64Array.of(0.1, 2, 3, 4) }, 2, out);
    expect(Array.from(out)).toEqual([Math.fround(0.1), 2, 3, 4]);
  });

  it('flattens pictures and 64-bit integers in C order', () => {
    const picture = createFlattener(boxOf('uint8', [2, 3]), 'observation');
    const out = new Float32Array(6);
    picture.write({ dtype: 'uint8', shape: [1, 2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 255) }, 1, out);
    expect(Array.from(out)).toEqual([1, 2, 3, 4, 5, 255]);

    const count = createFlattener(boxOf('int64', []), 'observation');
    const one = new Float32Array(1);
    count.write({ dtype: 'int64', shape: [1], data: BigInt64Array.of(-7n) }, 1, one);
    expect(one[0]).toBe(-7);
  });

  it('flattens nested Dict and Tuple in the order of the space, whatever the order of the value', () => {
    const space: Space = {
      type: 'dict',
      entries: [
        ['b', { type: 'tuple', spaces: [box([-1], [1]), box([-2, -3], [2, Infinity])] }],
        ['a', box([-4], [4])],
      ],
    };
    const flattener = createFlattener(space, 'observation');
    expect(flattener.size).toBe(4);
    expect(Array.from(flattener.low)).toEqual([-1, -2, -3, -4]);
    expect(flattener.layout).toEqual({
      type: 'dict',
      entries: [
        [
          'b',
          {
            type: 'tuple',
            items: [
              { type: 'box', dtype: 'float32', shape: [1] },
              { type: 'box', dtype: 'float32', shape: [2] },
            ],
          },
        ],
        ['a', { type: 'box', dtype: 'float32', shape: [1] }],
      ],
    });
    expect(Array.from(flattener.high)).toEqual([1, 2, Infinity, 4]);

    const out = new Float32Array(8);
    const a = { dtype: 'float32', shape: [2, 1], data: Float32Array.of(1, 2) } as const;
    const b0 = { dtype: 'float32', shape: [2, 1], data: Float32Array.of(3, 4) } as const;
    const b1 = { dtype: 'float32', shape: [2, 2], data: Float32Array.of(5, 6, 7, 8) } as const;
    flattener.write({ a, b: new Tuple([b0, b1]) }, 2, out);
    expect(Array.from(out)).toEqual([3, 5, 6, 1, 4, 7, 8, 2]);
  });

  it('names the part that does not fit', () => {
    const space: Space = { type: 'dict', entries: [['pose', box([0, 0], [1, 1])]] };
    const flattener = createFlattener(space, 'observation');
    const write = (value: Parameters<typeof flattener.write>[0]) => () =>
      flattener.write(value, 1, new Float32Array(2));
    const three = { dtype: 'float32', shape: [1, 3], data: new Float32Array(3) } as const;
    expect(write({ pose: three })).toThrow('observation["pose"]: expected shape [1, 2], got [1, 3]');
    expect(write({})).toThrow('observation["pose"]: expected an array, got nothing');
    expect(write(three)).toThrow('observation["pose"]: expected an array');
  });

  it.each([
    [{ type: 'discrete', n: 3n, start: 0n, dtype: 'int64' }, 'the observation space is a discrete space'],
    [
      { type: 'tuple', spaces: [box([0], [1]), { type: 'text', minLength: 0, maxLength: 1, charset: 'a' }] },
      'the observation[1] space is a text space',
    ],
    [{ type: 'dict', entries: [] }, 'the observation space is empty'],
  ] satisfies [Space, string][])('refuses %o', (space, message) => {
    const make = () => createFlattener(space, 'observation');
    expect(make).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_SPACE' }));
    expect(make).toThrow(message);
  });
});

describe('readActionBounds', () => {
  it('reads a Box of floats of any shape', () => {
    const [low, high] = readActionBounds(boxOf('float64', [2, 2]));
    expect([low.length, high.length]).toEqual([4, 4]);
  });

  it.each([
    [boxOf('int32', [2]), 'a box of int32'],
    [{ type: 'discrete', n: 2n, start: 0n, dtype: 'int64' }, 'a discrete space'],
    [{ type: 'tuple', spaces: [box([0], [1])] }, 'a tuple space'],
  ] satisfies [Space, string][])('refuses %o', (space, got) => {
    const read = () => readActionBounds(space);
    expect(read).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_SPACE' }));
    expect(read).toThrow(got);
  });
});
