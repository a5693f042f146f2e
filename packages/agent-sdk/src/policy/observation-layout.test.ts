import { describe, expect, it } from 'vitest';
import { layoutDifference } from './observation-layout.ts';
import type { ObservationLayout } from './policy-snapshot.ts';

const vector = (size: number): ObservationLayout => ({ type: 'box', dtype: 'float32', shape: [size] });
const layout: ObservationLayout = {
  type: 'dict',
  entries: [
    ['pose', { type: 'tuple', items: [vector(2), { type: 'box', dtype: 'uint8', shape: [2, 3] }] }],
    ['on', { type: 'box', dtype: 'bool', shape: [] }],
  ],
};

describe('layoutDifference', () => {
  const [first, second] = layout.type === 'dict' ? layout.entries : [];

  it('finds none where keys, order and sizes are equal', () => {
    expect(layoutDifference(layout, layout)).toBeUndefined();
    const wide: ObservationLayout = { type: 'box', dtype: 'float64', shape: [1, 1] };
    const other: ObservationLayout = { type: 'dict', entries: [first, ['on', wide]] };
    expect(layoutDifference(layout, other)).toBeUndefined();
  });

  it.each<[string, ObservationLayout, string]>([
    [
      'another order',
      { type: 'dict', entries: [second, first] },
      'expected observation["pose"][0] of 2 numbers as its part 1, got observation["on"] of 1 numbers',
    ],
    [
      'another key',
      { type: 'dict', entries: [first, ['off', vector(1)]] },
      'expected observation["on"] of 1 numbers as its part 3, got observation["off"]',
    ],
    ['a missing part', { type: 'dict', entries: [first] }, 'as its part 3, got nothing'],
    [
      'a part more',
      { type: 'dict', entries: [first, second, ['x', vector(1)]] },
      'expected nothing as its part 4',
    ],
    ['a flat one', vector(9), 'got observation of 9 numbers'],
  ])('tells of %s', (_what, given, message) => {
    expect(layoutDifference(layout, given)).toContain(message);
  });
});
