/** `gymwire-ray` on clusters of several raylets, by the tests of bridges/python/tests_ray, where Ray is installed. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, run } from '../../scripts/tools.mjs';
import { rayPython } from './harness/python.ts';

const bridge = join(ROOT, 'bridges', 'python');
const files = readdirSync(join(bridge, 'tests_ray')).filter((name) => name.startsWith('test_'));

it.each(files)('%s', async (file) => {
  const args = ['-m', 'pytest', '-p', 'no:cacheprovider', join('tests_ray', file)];
  const { code, stdout, stderr } = await run(rayPython(), args, { cwd: bridge, capture: true });
  expect(code, `${stdout}${stderr}`).toBe(0);
});
