import { expect, it } from 'vitest';
import { describeGroup } from './seeds-progress.ts';

it.each<readonly [seeds: readonly number[], line: string]>([
  [[5], '1 run: seed 5 (5 seeds are 0-4)'],
  [[0], '1 run: seed 0'],
  [[0, 1], '2 runs, 2 at a time'],
])('seeds %o are told as %s', (seeds, line) => {
  expect(describeGroup({ type: 'group', seeds, runsAtATime: 2 })).toBe(line);
});
