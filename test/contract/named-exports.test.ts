/** Names that documents give are had from the entry that they name, by the reports of what each entry offers. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listDocuments } from '../../scripts/check-links.mjs';
import { ROOT } from '../../scripts/tools.mjs';

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n');
}

/** What an entry of a package exports; undefined: there is no such entry. */
function exportsOf(name: string, entry: string): ReadonlySet<string> | undefined {
  const path = `packages/${name}/api/${entry}.api.md`;
  if (!existsSync(join(ROOT, path))) return undefined;
  const report = read(path);
  return new Set([
    ...[...report.matchAll(/^export (?:declare |abstract )*\w+ (\w+)/gm)].map(([, found]) => found),
    ...[...report.matchAll(/^export \{ (?:\w+ as )?(\w+) \}/gm)].map(([, found]) => found),
  ]);
}

/** Imports from this project's packages that their entries do not offer: "@gymwire/agent-sdk: evaluate". */
function wrongImports(markdown: string): string[] {
  const imports = markdown.matchAll(/import (?:type )?\{([^}]*)\} from '@gymwire\/([\w-]+)(?:\/(\w+))?'/g);
  return [...imports].flatMap(([, list, name, entry]) => {
    const known = exportsOf(name, entry ?? 'index');
    const names = list.split(',').map((item) =>
      item
        .replace(/^\s*type /, '')
        .split(' as ')[0]
        .trim(),
    );
    return names
      .filter((item) => item !== '' && known?.has(item) !== true)
      .map((item) => `@gymwire/${name}${entry === undefined ? '' : `/${entry}`}: ${item}`);
  });
}

/** A README's backticked names that another entry than the main one offers, where its paragraph does not name that entry. */
function wrongEntries(markdown: string, name: string, entry: string): string[] {
  const [main, inner] = [exportsOf(name, 'index'), exportsOf(name, entry)];
  const text = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const paragraphs = text.split(/\n(?=\n|- |\|)/);
  return paragraphs
    .filter((paragraph) => !paragraph.includes(`/${entry}`))
    .flatMap((paragraph) => [...paragraph.matchAll(/`(\w+)(?:\([^`]*)?`/g)].map(([, found]) => found))
    .filter((found) => main?.has(found) !== true && inner?.has(found) === true);
}

it('imports of documents are exported by the entry that they name', async () => {
  const wrong = (await listDocuments())
    .filter((path) => !path.endsWith('.api.md'))
    .flatMap((path) => wrongImports(read(path)).map((line) => `${path}: ${line}`));
  expect(wrong).toEqual([]);
});

it.each([
  ['agent-sdk', 'parts'],
  ['onnx-graph', 'trace'],
  ['protocol', 'wire'],
  ['env', 'host'],
])('names of %s that only /%s has are marked so', (name, entry) => {
  expect(wrongEntries(read(`packages/${name}/README.md`), name, entry)).toEqual([]);
});

describe('what is planted is found', () => {
  it.each([
    ["import { train, evaluate } from '@gymwire/agent-sdk';", ['@gymwire/agent-sdk: evaluate']],
    [
      "import {\n  type Policy,\n  nothing,\n} from '@gymwire/agent-sdk/parts';",
      ['@gymwire/agent-sdk/parts: nothing'],
    ],
    ["import { x } from '@gymwire/agent-sdk/nowhere';", ['@gymwire/agent-sdk/nowhere: x']],
  ])('%s', (markdown, wrong) => expect(wrongImports(markdown)).toEqual(expect.arrayContaining(wrong)));

  it('a part as if from the main entry', () => {
    const markdown = '- `connect` and `evaluate({ env })`\n- `ReplayBuffer` of `/parts`\n';
    expect(wrongEntries(markdown, 'agent-sdk', 'parts')).toEqual(['evaluate']);
  });
});
