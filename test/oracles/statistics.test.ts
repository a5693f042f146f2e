/** The committed interquartile means and bootstrap intervals are what the pinned SciPy and NumPy say today. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runPython } from './harness/python.ts';

it('makes the same intervals as the committed ones', async () => {
  const report = await runPython(join('test', 'golden', 'statistics', 'make_intervals.py'), '--check');
  const [, compared, different] = /^intervals\.json: (\d+) values, (\d+) different$/m.exec(report) ?? [];
  expect(Number(compared)).toBeGreaterThan(30);
  expect(different).toBe('0');
});
