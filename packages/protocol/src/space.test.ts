import { describe, expect, it } from 'vitest';
import { box } from './space.ts';

describe('box', () => {
  it.each<readonly [low: unknown, high: unknown, message: string]>([
    [[-1, -1], [1], 'box: low has 2 numbers, high 1: expected as many, one for each element'],
    [[-1], [1, 1], 'box: low has 1 number, high 2: expected as many, one for each element'],
    [-1, 1, 'box: low: expected a list of numbers such as [-1, -1], got -1'],
    [[-1], undefined, 'box: high: expected a list of numbers such as [-1, -1], got nothing'],
    [[0, 1], [0, -1], 'box: low 1 is above high -1 at index 1'],
    [[Number.NaN], [1], 'box: low[0]: expected a number, got NaN'],
    [[-1], ['1'], 'box: high[0]: expected a number, got "1"'],
  ])('refuses %o, %o', (low, high, message) => {
    expect(() => box(low as number[], high as number[])).toThrow(new RangeError(message));
  });

  it('may be unbounded, and closed to one value', () => {
    const { low, high } = box([-Infinity, 2], Float64Array.of(Infinity, 2));
    expect([low.data, high.data]).toEqual([Float32Array.of(-Infinity, 2), Float32Array.of(Infinity, 2)]);
  });
});
