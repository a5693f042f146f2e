/** The committed golden data is what the pinned Gymnasium and NumPy say today. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runPython } from './harness/python.ts';

it('makes the same trajectories and random numbers as the committed ones', async () => {
  const report = await runPython(join('test', 'golden', 'gymnasium', 'make_trajectories.py'), '--check');
  const counts = [...report.matchAll(/^(\S+\.json): (\d+) values, (\d+) different/gm)];
  expect(counts.map(([, file]) => file)).toEqual([
    'random.json',
    'math.json',
    'pendulum.json',
    'mountain_car_continuous.json',
  ]);
  for (const [, , compared, different] of counts) {
    expect(Number(compared)).toBeGreaterThan(0);
    expect(different).toBe('0');
  }
});
