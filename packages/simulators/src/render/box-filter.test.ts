import { describe, expect, it } from 'vitest';
import type { Texture } from '../scene/scene.ts';
import { BoxFilter, boxFilterOf } from './box-filter.ts';

/** Every pixel another colour. */
const colored: Texture = {
  width: 5,
  height: 3,
  data: Uint8Array.from({ length: 45 }, (_, i) => (i * 89) % 256),
};
const grey: Texture = {
  ...colored,
  data: Uint8Array.from({ length: 45 }, (_, i) => (Math.floor(i / 3) * 37) % 256),
};

function sample(texture: Texture, ...rectangle: [number, number, number, number]): number[] {
  const color = new Float64Array(3);
  boxFilterOf(texture).sample(Float64Array.from(rectangle), color);
  return [...color];
}

/** The same average from many points. */
function average({ width, height, data }: Texture, u: number, v: number, du: number, dv: number): number[] {
  const steps = 400;
  const sum = [0, 0, 0];
  for (let i = 0; i < steps; i++) {
    for (let j = 0; j < steps; j++) {
      const x = Math.floor((u + ((i + 0.5) / steps - 0.5) * du) * width);
      const y = Math.floor((v + ((j + 0.5) / steps - 0.5) * dv) * height);
      const at = 3 * ((((y % height) + height) % height) * width + (((x % width) + width) % width));
      for (let k = 0; k < 3; k++) sum[k] += data[at + k] / 255 / steps ** 2;
    }
  }
  return sum;
}

describe.each([
  ['colours', colored],
  ['greys', grey],
])('BoxFilter of %s', (_, texture) => {
  it.each([
    ['within a pixel', 0.1, 0.1, 0.05, 0.05],
    ['over several', 0.5, 0.5, 0.6, 0.7],
    ['over the edge', 0.95, 0.02, 0.4, 0.3],
    ['far away and negative', -7.3, 12.8, 0.33, 0.21],
    ['over several repetitions', 0.3, 0.7, 3.3, 2.6],
    ['thin', 0.37, 0.71, 2.9, 0.01],
  ])('averages a rectangle %s', (_place, u, v, du, dv) => {
    const expected = average(texture, u, v, du, dv);
    for (const [i, value] of sample(texture, u, v, du, dv).entries())
      expect(value).toBeCloseTo(expected[i], 2);
  });

  it('gives a pixel’s own colour inside of it, even for no area at all', () => {
    const [red, green, blue] = sample(texture, 1.5 / 5, 1.5 / 3, 0, 0);
    const own = [...texture.data.subarray(3 * 6, 3 * 7)].map((value) => value / 255);
    expect([red, green, blue].map((value) => value.toFixed(6))).toEqual(own.map((value) => value.toFixed(6)));
  });

  it('gives the whole average for what is too far away to tell', () => {
    const { average: whole } = boxFilterOf(texture);
    expect(sample(texture, 0.2, 0.9, Number.POSITIVE_INFINITY, 0.1)).toEqual([...whole]);
    const exact = average(texture, 0.5, 0.5, 1, 1);
    for (const [i, value] of whole.entries()) expect(value).toBeCloseTo(exact[i], 3);
  });
});

it('sums a texture up once', () => {
  expect(boxFilterOf(colored)).toBe(boxFilterOf(colored));
  expect(boxFilterOf(colored)).toBeInstanceOf(BoxFilter);
});
