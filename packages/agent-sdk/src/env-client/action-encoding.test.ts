import { type DType, type Space, typedArrays } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { type Action, encodeAction } from './action-encoding.ts';

/** Of two numbers; the bounds do not matter here. */
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

  it('refuses an action that was forgotten', () => {
    const forgotten = undefined as Parameters<typeof encodeAction>[1] | undefined;
    expect(() => encodeAction(spaceOf('float32'), forgotten as Action)).toThrow(
      expect.objectContaining({ code: 'BAD_ACTION' }),
    );
  });
});
