import { expect, it } from 'vitest';
import { nextSequence } from './sequence.ts';

it('counts from 1 and leaves 0, which means unnumbered, out when it wraps', () => {
  expect([0, 1, 2 ** 32 - 2, 2 ** 32 - 1].map(nextSequence)).toEqual([1, 2, 2 ** 32 - 1, 1]);
});
