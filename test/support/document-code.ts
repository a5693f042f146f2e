/** The code of a document, as files and programs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runTool } from '../../scripts/tools.mjs';

/** In `folder`, which lies below the workspace, so that its packages are found. @returns the program's path */
export async function compileCode(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  const names = Object.keys(files);
  for (const [name, code] of Object.entries(files)) writeFileSync(join(folder, `${name}.ts`), code);
  const config = {
    extends: '../../tsconfig.base.json',
    compilerOptions: { composite: false, rootDir: '.', outDir: 'built' },
    files: names.map((name) => `${name}.ts`),
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const compiled = await runTool('typescript', ['-p', folder], { command: 'tsc', capture: true });
  expect(compiled).toMatchObject({ code: 0, stdout: '' });
  return join(folder, 'built', `${names.at(-1)}.js`);
}

/** Each text must be there: else the document has changed under the test. */
export function withReplaced(code: string, replacements: ReadonlyArray<readonly [string, string]>): string {
  return replacements.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, code);
}
