import { box, float32, Scalar, type Space, type Tensor, Tuple, type Value } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { findMismatch, isFloatRow } from '../slots/space-member.ts';
import { isBatchOf, stack, unstack } from './batch.ts';

const int64 = (shape: readonly number[], ...values: bigint[]): Tensor => ({
  dtype: 'int64',
  shape,
  data: BigInt64Array.from(values),
});

const spaces = {
  box: box([-1, -2], [1, 2]),
  discrete: { type: 'discrete', n: 3n, start: -1n, dtype: 'int64' },
  'multi-binary': { type: 'multi-binary', shape: [2] },
  'multi-discrete': { type: 'multi-discrete', nvec: int64([2], 2n, 3n), start: int64([2], 0n, 10n) },
  text: { type: 'text', minLength: 1, maxLength: 2, charset: 'ab🎈' },
  tuple: { type: 'tuple', spaces: [box([0], [1]), { type: 'discrete', n: 2n, start: 0n, dtype: 'int64' }] },
  dict: {
    type: 'dict',
    entries: [
      ['b', box([0], [1])],
      ['a', { type: 'multi-binary', shape: [1] }],
    ],
  },
} as const satisfies Record<string, Space>;

const int8 = (...values: number[]): Tensor => ({
  dtype: 'int8',
  shape: [values.length],
  data: Int8Array.from(values),
});

const members: ReadonlyArray<readonly [keyof typeof spaces, Value, Value]> = [
  ['box', float32([0.5, -2]), float32([1, 2])],
  ['discrete', -1n, new Scalar('int64', 1n)],
  ['multi-binary', int8(0, 1), int8(1, 1)],
  ['multi-discrete', int64([2], 1n, 12n), int64([2], 0n, 10n)],
  ['text', 'ab', '🎈'],
  ['tuple', new Tuple([float32([0.5]), 1n]), new Tuple([float32([0]), 0n])],
  ['dict', { b: float32([1]), a: int8(1) }, { a: int8(0), b: float32([0]) }],
];

describe('findMismatch', () => {
  it.each(members)('accepts members of a %s space', (kind, first, second) => {
    expect(findMismatch(spaces[kind], first, 'x', true)).toBeUndefined();
    expect(findMismatch(spaces[kind], second, 'x', true)).toBeUndefined();
  });

  it.each([
    ['box', float32([0, 3]), 'bounds', 'x[1] is 3, outside its high bound 2'],
    ['box', float32([Number.NaN, 0]), 'non-finite', 'x[0] is NaN'],
    ['box', float32([0]), 'structure', 'x: expected float32 [2], got float32 [1]'],
    ['discrete', 2n, 'structure', 'x: expected an integer from -1 to 1, got 2'],
    ['discrete', 0.5, 'structure', 'x: expected an integer, got the number 0.5'],
    ['multi-binary', int8(1), 'structure', 'x: expected integers [2], got int8 [1]'],
    ['multi-binary', int8(1, 2), 'structure', 'x[1]: expected 0 or 1, got 2'],
    ['multi-discrete', int64([2], 0n, 13n), 'structure', 'x[1]: expected an integer from 10 to 12, got 13'],
    [
      'text',
      'abc',
      'structure',
      'x: expected a text of 1 to 2 characters of its charset, got the string abc',
    ],
    ['text', 'x', 'structure', 'x: expected a text of 1 to 2 characters of its charset, got the string x'],
    ['tuple', new Tuple([float32([2]), 1n]), 'bounds', 'x[0][0] is 2, outside its high bound 1'],
    ['tuple', [float32([1]), 1n], 'structure', 'x: expected a tuple of 2, got a list of 2'],
    [
      'dict',
      { b: float32([1]) },
      'structure',
      'x: expected a dictionary with the keys b, a, got a dictionary with the keys b',
    ],
    ['dict', { b: float32([1]), a: int8(1, 1) }, 'structure', 'x.a: expected integers [1], got int8 [2]'],
  ] as const)('says what is wrong with a %s', (kind, value, expected, message) => {
    expect(findMismatch(spaces[kind], value, 'x', true)).toMatchObject({ kind: expected, message });
  });

  it('lets values outside a Box pass where bounds do not count', () => {
    expect(findMismatch(spaces.box, float32([9, 9]), 'x', false)).toBeUndefined();
  });
});

describe('stack and unstack', () => {
  it.each(members)('stacks rows of a %s space and takes them apart', (kind, first, second) => {
    const space = spaces[kind];
    const batch = stack(space, [first, second]);
    for (const [row, member] of [first, second].entries()) {
      const again = unstack(space, batch, 2)?.[row];
      expect(again).toBeDefined();
      expect(findMismatch(space, again ?? null, 'x', true)).toBeUndefined();
      expect(stack(space, [again ?? null])).toEqual(stack(space, [member]));
    }
  });

  it('stacks bits that came as int64, which a vector session failed on and a single one took', () => {
    const space = spaces['multi-binary'];
    expect(findMismatch(space, int64([2], 1n, 0n), 'x', true)).toBeUndefined();
    const batch = { dtype: 'int8', shape: [2, 2], data: Int8Array.of(1, 0, 0, 1) };
    expect(stack(space, [int64([2], 1n, 0n), int8(0, 1)])).toEqual(batch);
  });

  it('copies', () => {
    const row = float32([1, 2]);
    const batch = stack(spaces.box, [row]) as Tensor;
    row.data[0] = 9;
    expect([...batch.data]).toEqual([1, 2]);
    expect(batch.shape).toEqual([1, 2]);
  });

  it.each([
    ['box', float32([1, 2])],
    ['dict', { b: float32([1]) }],
    ['tuple', [float32([1])]],
    ['text', new Tuple(['a'])],
  ] as const)('gives nothing for what is no batch of two of a %s space', (kind, batch) => {
    const row = unstack(spaces[kind], batch, 2)?.[0];
    expect(row === undefined || findMismatch(spaces[kind], row, 'x', false) !== undefined).toBe(true);
  });
});

describe('isFloatRow', () => {
  const infinite = box([-Infinity, -Infinity], [Infinity, Infinity]);
  const { low } = spaces.box;
  const others: readonly unknown[] = [
    null,
    0.5,
    'ab',
    {},
    [0, 0],
    new Float32Array(2),
    { ...low, dtype: 'float64' },
    { ...low, shape: [1, 2] },
    { ...low, data: new Float32Array(3) },
    { ...low, data: new Float64Array(2) },
  ];

  it('is true where findMismatch finds nothing, for arrays of the usual class', () => {
    for (const space of [spaces.box, infinite]) {
      for (const x of [0, -0, 1, -1, 2.5, 5e-324, Number.NaN, Infinity, -Infinity]) {
        for (const bounds of [true, false]) {
          const fits = findMismatch(space, float32([0, x]), 'x', bounds) === undefined;
          expect(isFloatRow(space, float32([0, x]), bounds)).toBe(fits);
        }
      }
    }
  });

  it.each(others.map((value) => [value]))('leaves %j to findMismatch', (value) => {
    expect(isFloatRow(spaces.box, value as Value, true)).toBe(false);
  });
});

describe('isBatchOf', () => {
  const { low } = spaces.box;
  const float64 = (...values: number[]): Tensor => ({
    dtype: 'float64',
    shape: [values.length],
    data: Float64Array.from(values),
  });
  const wide = { type: 'box', low: float64(-1, -2), high: float64(1, 2) } as const satisfies Space;

  it.each([spaces.box, wide])('says of rows of floats what findMismatch says of each', (space) => {
    for (const odd of [0.5, 1, -1, 3, -9, Number.NaN, Infinity, -Infinity]) {
      for (let at = 0; at < 4; at++) {
        const batch = stack(space, [space.low, space.high]) as Tensor;
        batch.data[at] = odd;
        for (const bounds of [true, false]) {
          const isEachOne = unstack(space, batch, 2)?.every(
            (row) => findMismatch(space, row, 'x', bounds) === undefined,
          );
          expect(isBatchOf(space, batch, 2, bounds)).toBe(isEachOne);
        }
      }
    }
  });

  it.each([
    ['another dtype', { dtype: 'float64', shape: [2, 2], data: new Float64Array(4) }],
    ['another row', { dtype: 'float32', shape: [2, 1, 2], data: new Float32Array(4) }],
    ['another number of them', { dtype: 'float32', shape: [2, 2], data: new Float32Array(6) }],
    ['another class', { dtype: 'float32', shape: [2, 2], data: new Int32Array(4) }],
    ['no array', [low, low]],
  ])('leaves %s to those who say what is wrong', (_, batch) => {
    expect(isBatchOf(spaces.box, batch as Value, 2, false)).toBe(false);
  });

  it('leaves other spaces to those who look at each row', () => {
    const row = members.find(([kind]) => kind === 'dict')?.[1] ?? null;
    expect(isBatchOf(spaces.dict, stack(spaces.dict, [row, row]), 2, false)).toBe(false);
  });
});
