import { type DType, float32, type Space, Tuple, typedArrays } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { type Action, encodeAction } from './action-encoding.ts';

/** A space of two numbers; the bounds do not matter here. */
function spaceOf(dtype: DType): Space {
  const bound = { dtype, shape: [2], data: new typedArrays[dtype](2) };
  return { type: 'box', low: bound, high: bound };
}

describe('encodeAction', () => {
  it('writes numbers with the dtype and shape of the space', () => {
    expect(encodeAction(spaceOf('uint8'), [0, 255])).toEqual({
      dtype: 'uint8',
      shape: [2],
      data: Uint8Array.of(0, 255),
    });
    expect(encodeAction(spaceOf('int64'), [1, -(2 ** 53)])).toMatchObject({
      data: BigInt64Array.of(1n, -(2n ** 53n)),
    });
    expect(encodeAction(spaceOf('float32'), [0.5, Number.NaN, 1, 2], 2)).toMatchObject({
      shape: [2, 2],
      data: Float32Array.of(0.5, Number.NaN, 1, 2),
    });
  });

  it.each<[DType, Action, string, RegExp]>([
    [
      'uint8',
      [0, 300],
      'BAD_ACTION',
      /action\[1\]: expected a whole number from 0 to 255 \(uint8\), got 300/,
    ],
    ['uint8', [-250, 0], 'BAD_ACTION', /action\[0\]: .* got -250/],
    ['int32', [1.7, 0], 'BAD_ACTION', /action\[0\]: .* got 1.7/],
    ['uint64', [2 ** 64, 0], 'BAD_ACTION', /18446744073709551615 \(uint64\)/],
    ['int64', [Number.NaN, 0], 'NON_FINITE_ACTION', /action\[0\]: expected a finite number, got NaN/],
    ['int16', [0, Infinity], 'NON_FINITE_ACTION', /action\[1\]: .* got Infinity/],
    ['float32', [0, 0, 0], 'BAD_ACTION', /expected 2 numbers/],
  ])('refuses for %s what would become another number: %o', (dtype, action, code, message) => {
    expect(() => encodeAction(spaceOf(dtype), action)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });

  it('writes typed arrays of any class, and bigints, as the numbers that they hold', () => {
    expect(encodeAction(spaceOf('uint8'), Uint8Array.of(1, 255))).toEqual({
      dtype: 'uint8',
      shape: [2],
      data: Uint8Array.of(1, 255),
    });
    const int32: object = Int32Array.of(-1, 2);
    expect(encodeAction(spaceOf('float64'), int32 as Action)).toMatchObject({ data: Float64Array.of(-1, 2) });
    const int64: object = BigInt64Array.of(2n ** 62n, -1n);
    expect(encodeAction(spaceOf('int64'), int64 as Action)).toMatchObject({ data: int64 });
    expect(() => encodeAction(spaceOf('float32'), [1n, 2n])).toThrow(/expected a number, got bigint/);
    expect(() => encodeAction(spaceOf('int8'), [1n, 300n])).toThrow(/from -128 to 127 \(int8\), got 300/);
  });

  it('writes the parts of dictionaries and tuples, which went out as dictionaries of digits', () => {
    const space: Space = {
      type: 'dict',
      entries: [
        ['arm', spaceOf('float32')],
        ['hand', { type: 'tuple', spaces: [spaceOf('int8'), { type: 'multi-binary', shape: [1] }] }],
      ],
    };
    const arm = Float32Array.of(1, 2);
    const action = { arm, hand: [[3, 4], [1]] } as object as Action;
    expect(encodeAction(space, action)).toEqual({
      arm: float32([1, 2]),
      hand: new Tuple([
        { dtype: 'int8', shape: [2], data: Int8Array.of(3, 4) },
        { dtype: 'int8', shape: [1], data: Int8Array.of(1) },
      ]),
    });
    expect(() => encodeAction(space, { arm, hand: [[3, 400], [1]] } as object as Action)).toThrow(
      /action\.hand\[0\]\[1\]: expected a whole number/,
    );
    // What is missing or too much is for the server to name.
    expect(encodeAction(space, { leg: 1 })).toEqual({ leg: 1 });
    expect(encodeAction(space, 5)).toBe(5);
  });

  it('refuses an action that was forgotten', () => {
    const forgotten = undefined as Parameters<typeof encodeAction>[1] | undefined;
    expect(() => encodeAction(spaceOf('float32'), forgotten as Action)).toThrow(
      expect.objectContaining({ code: 'BAD_ACTION' }),
    );
  });
});
