import { describe, expect, it } from 'vitest';
import { layoutSize, type ObservationLayout, parseLayout, placeOf } from './observation-layout.ts';

const vector = (size: number): ObservationLayout => ({ type: 'box', dtype: 'float32', shape: [size] });
const layout: ObservationLayout = {
  type: 'dict',
  entries: [
    ['pose', { type: 'tuple', items: [vector(2), { type: 'box', dtype: 'uint8', shape: [2, 3] }] }],
    ['on', { type: 'box', dtype: 'bool', shape: [] }],
  ],
};

describe('parseLayout', () => {
  it('takes what JSON gives back, and known fields only', () => {
    expect(parseLayout(JSON.parse(JSON.stringify(layout)), 'layout', 9)).toEqual(layout);
    expect(parseLayout({ ...vector(1), low: [0] }, 'layout', 1)).toEqual(vector(1));
  });

  it.each<[unknown, string]>([
    [null, 'got null'],
    [undefined, 'got undefined'],
    ['box', 'got "box"'],
    [{ type: 'box', dtype: 'float32' }, 'layout: expected a box with dtype and shape'],
    [{ type: 'box', dtype: 'toString', shape: [1] }, 'expected a box'],
    [{ type: 'box', dtype: 'int8', shape: [1.5] }, 'expected a box'],
    [{ type: 'dict', entries: [['a']] }, 'layout["a"]: expected a box'],
    [{ type: 'dict', entries: [[1, vector(1)]] }, 'layout: entry 0: expected a key and a layout'],
    [{ type: 'dict', entries: [['a', vector(1), 2]] }, 'entry 0: expected a key and a layout'],
    [{ type: 'tuple', items: [vector(1), {}] }, 'layout[1]: expected a box'],
    [{ type: 'tuple', items: [vector(2)] }, 'layout: expected 1 numbers, it has 2'],
  ])('refuses %j', (value, message) => {
    expect(() => parseLayout(value, 'layout', 1)).toThrow(message);
  });

  it('refuses spaces within spaces without end', () => {
    let deep: ObservationLayout = vector(1);
    for (let i = 0; i < 100_000; i++) deep = { type: 'tuple', items: [deep] };
    expect(() => parseLayout(deep, 'layout', 1)).toThrow('expected at most 32 spaces within each other');
  });
});

it('knows the size of a layout, and whose each number is', () => {
  expect(layoutSize(layout)).toBe(9);
  expect([0, 1, 2, 7, 8].map((index) => placeOf(layout, index))).toEqual([
    'observation["pose"][0], number 0',
    'observation["pose"][0], number 1',
    'observation["pose"][1], number 0',
    'observation["pose"][1], number 5',
    'observation["on"], number 0',
  ]);
});
