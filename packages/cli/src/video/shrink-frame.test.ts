import { expect, it } from 'vitest';
import { shrinkFrame } from './shrink-frame.ts';

/** @param value of each pixel's red; green is 255 minus it, blue 7 */
function picture(width: number, height: number, value: (x: number, y: number) => number) {
  const pixels = Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width)));
  return { width, height, data: Uint8Array.from(pixels.flatMap((red) => [red, 255 - red, 7])) };
}

it('leaves what is small enough', () => {
  const frame = picture(30, 20, (x) => x);
  expect(shrinkFrame(frame, 30)).toBe(frame);
  expect(shrinkFrame(frame, Number.POSITIVE_INFINITY)).toBe(frame);
});

it('gives the mean of each area', () => {
  const frame = picture(4, 2, (x, y) => 10 * x + 100 * y);
  expect(shrinkFrame(frame, 2)).toEqual({
    width: 2,
    height: 1,
    data: Uint8Array.of(55, 200, 7, 75, 180, 7),
  });
});

it('shares the pixels on an edge between both sides', () => {
  const frame = picture(3, 3, (x) => [0, 90, 180][x] ?? 0);
  // One and a half pixels each: (0 + 90 / 2) / 1.5 and (90 / 2 + 180) / 1.5.
  const { width, height, data } = shrinkFrame(frame, 2);
  expect([width, height, [...data.subarray(0, 6)]]).toEqual([2, 2, [30, 225, 7, 150, 105, 7]]);
});

it('keeps the shape, and what is of one colour', () => {
  const frame = picture(480, 270, () => 201);
  const { width, height, data } = shrinkFrame(frame, 320);
  expect([width, height, data.length]).toEqual([320, 180, 320 * 180 * 3]);
  expect(new Set(data)).toEqual(new Set([201, 54, 7]));
  expect(
    shrinkFrame(
      picture(480, 1, () => 201),
      16,
    ),
  ).toMatchObject({ width: 16, height: 1 });
});
