import { expect, it } from 'vitest';
import { pairedRatio } from './statistics.ts';

it('a run is held against the one beside it, whatever the machine did to both', () => {
  // The second pair came at a time when all took ten times as long.
  expect(pairedRatio([1.01, 10.2, 1.02], [1, 10, 1])).toBeCloseTo(1.02, 12);
});
