/** The documentation site's build: a link that leads nowhere turns it red. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { ROOT, runTool } from '../../scripts/tools.mjs';

it.each([
  ['[a](./there)', 0],
  ['[a](./gone)', 1],
])('with %s ends with %i', async (text, code) => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.cache', 'site-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, '.vitepress'));
  const config = pathToFileURL(join(ROOT, 'docs', '.vitepress', 'config.ts')).href;
  writeFileSync(join(folder, '.vitepress', 'config.mjs'), `export { default } from '${config}';\n`);
  writeFileSync(join(folder, 'index.md'), `# Page\n\n${text}\n`);
  writeFileSync(join(folder, 'there.md'), '# There\n');
  const built = await runTool('vitepress', ['build', folder], { capture: true });
  expect(`${built.stdout}${built.stderr}`).toMatch(code === 0 ? 'build complete' : /dead link.*\.\/gone/);
  expect(built.code).toBe(code);
});
