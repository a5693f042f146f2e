/** The documentation site: what it says of error codes is complete, its steps are TD3's, and its links lead out where they must. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMarkdownRenderer } from 'vitepress';
import { describe, expect, it } from 'vitest';
import config from '../../docs/.vitepress/config.ts';
import { forSite } from '../../docs/.vitepress/links.ts';
import { codeTable, commentsOf } from '../../scripts/reference.mjs';
import { remedies } from '../../scripts/remedies.mjs';
import { listFiles, ROOT } from '../../scripts/tools.mjs';
import { codeBlocks } from '../support/markdown.ts';

const read = (path: string) => readFileSync(join(ROOT, 'docs', path), 'utf8').replaceAll('\r\n', '\n');

describe('an error code', () => {
  const meanings = (more: Readonly<Record<string, string>> = {}) =>
    new Map(
      Object.entries({
        ...Object.fromEntries(Object.keys(remedies.exit).map((code) => [code, 'x'])),
        ...more,
      }),
    );

  it('is listed with its meaning and what to do', () => {
    const table = codeTable('exit', meanings({ usage: 'Wrong <flags>.' }));
    expect(table).toMatch(/\| `usage` +\| Wrong &lt;flags&gt;\. +\| Read the message/);
  });

  it.each([
    ['without a comment above it', meanings({ usage: '' }), 'usage: expected a comment above it'],
    ['without a line that says what to do', meanings({ lost: 'Gone.' }), 'missing: lost'],
  ])('%s is red', (_, found, fault) => expect(() => codeTable('exit', found)).toThrow(fault));

  it('that is gone takes its line along', () => {
    const found = meanings();
    found.delete('usage');
    expect(() => codeTable('exit', found)).toThrow('not a code: usage');
  });

  it('means what the comment above it says', () => {
    const text =
      "[\n  /** One. */\n  'A',\n  /**\n   * Two\n   * lines.\n   */\n  'B',\n  'C',\n  // Three\n  // slashes.\n  'D',\n";
    expect([...commentsOf(text, /^ {2}'([A-Z]+)',$/gm)]).toEqual([
      ['A', 'One.'],
      ['B', 'Two lines.'],
      ['C', ''],
      ['D', 'Three slashes.'],
    ]);
  });
});

it('the page of the 15 steps has code for each of them, in order', () => {
  const blocks = codeBlocks(read('td3-steps.md'));
  expect(blocks.map(({ source }) => source)).not.toContain('');
  const steps = blocks.map(({ code }) =>
    [...code.matchAll(/^ *\/\/ (\d+)\. /gm)].map(([, step]) => Number(step)),
  );
  // "13. to 15. with every policyDelay-th update" stands before 13.
  expect(steps.filter((found) => found.length > 0)).toEqual([
    [4, 5, 12, 13, 13, 14, 15],
    [5, 6, 7],
    [8, 9, 10, 11],
    [13],
  ]);
});

it('the sidebar has every page', () => {
  const links = [...JSON.stringify(config.themeConfig?.sidebar).matchAll(/"link":"\/([^"#]*)"/g)].map(
    ([, link]) => link,
  );
  const paths = listFiles(join(ROOT, 'docs'))
    .filter((path) => path.endsWith('.md') && !/^(node_modules|api|\.vitepress|index\.md)/.test(path))
    .map((path) => path.replace(/\.md$/, ''));
  expect([...new Set(links)].filter((link) => !link.startsWith('api/')).sort()).toEqual(paths.sort());
});

const pages = listFiles(join(ROOT, 'docs')).filter(
  (path) => path.endsWith('.md') && !/^(node_modules|api|reference|\.vitepress)\//.test(path),
);

it.each(pages)('%s shows commands and flags that exist', (path) => {
  const [, ...sections] = read('reference/commands.md').split(/^## /m);
  const flags = new Map(sections.map((text) => [text.split('\n')[0], text.match(/--[a-z-]+/g) ?? []]));
  const lines = codeBlocks(read(path)).flatMap(({ language, code }) =>
    language === 'sh' ? code.split('\n') : [],
  );
  for (const line of lines) {
    const [, command = '', rest = ''] = /(?:^|--no-install )gymwire (\w+)(.*)/.exec(line) ?? [];
    if (command === '') continue;
    expect([...flags.keys()], line).toContain(command);
    expect(flags.get(command), line).toEqual(expect.arrayContaining(rest.match(/--[a-z-]+/g) ?? []));
  }
});

describe('a page', () => {
  const render = async (text: string) => {
    const md = await createMarkdownRenderer(join(ROOT, 'docs'), { config: forSite });
    return md.renderAsync(text, { relativePath: 'reference/errors.md', path: '', cleanUrls: true });
  };

  it('links to other pages as they are, and to the rest of the repository on the web', async () => {
    const html = await render(
      '[a](../protocol.md#errors), [b](../../README.md#top), [c](../../examples/robot), [d](#here)',
    );
    expect([...html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href)).toEqual([
      './../protocol#errors',
      'https://github.com/gymwire/gymwire/blob/main/README.md#top',
      'https://github.com/gymwire/gymwire/tree/main/examples/robot',
      '#here',
    ]);
  });

  it('names the file below a snippet', async () => {
    const html = await render('```ts from examples/own-env/cart.ts#cart\nx;\n```\n');
    expect(html).toContain('blob/main/examples/own-env/cart.ts"');
    expect(html).not.toContain('#cart');
  });
});
