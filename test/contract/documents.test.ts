/** The documents: what they link to is there, and a link that leads nowhere turns the gate red. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findAnchors, findDeadLinks, listDocuments } from '../../scripts/check-links.mjs';
import { ROOT } from '../../scripts/tools.mjs';

it('link to what exists', async () => {
  const documents = await listDocuments();
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/protocol.md']));
  expect(findDeadLinks(ROOT, documents)).toEqual([]);
});

/** The dead links of `docs/page.md` with this text, beside a README with two headings of one name. */
function deadLinksOf(text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'gymwire-links-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const files = { 'README.md': '# Top\n\n## How `it` goes\n\n## How it goes\n', 'docs/page.md': text };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return findDeadLinks(folder, ['docs/page.md']);
}

it.each([
  ['[a](../README.md), [b](../README.md#how-it-goes-1), [c](https://nowhere.invalid), [d](..)'],
  ['`[a](gone.md)`\n\n```md\n[a](gone.md)\n```\n'],
])('lets pass: %s', (text) => expect(deadLinksOf(text)).toEqual([]));

it.each([
  ['# Page\n\n[a](gone.md)', 'docs/page.md:3: gone.md: no such file'],
  ['```sh\nx\n```\n![a](gone.svg)', 'docs/page.md:4: gone.svg: no such file'],
  ['<img alt="a" src="gone.gif">', 'docs/page.md:1: gone.gif: no such file'],
  ['[a]: gone.md\n', 'docs/page.md:1: gone.md: no such file'],
  ['[a](../README.md#how-it-went)', 'docs/page.md:1: ../README.md#how-it-went: no such heading'],
  ['[a](#here)', 'docs/page.md:1: #here: no such heading'],
  ['[a](../../etc)', 'docs/page.md:1: ../../etc: leads out of the repository'],
])('turns red: %s', (text, fault) => expect(deadLinksOf(text)).toEqual([fault]));

it('knows the fragments that GitHub makes of headings', () => {
  const text = '# A & B: `c`, *d*\n\n## [Link](x.md) – two\n\n```sh\n# no heading\n```\n### Übung 3.1\n';
  expect([...findAnchors(text)]).toEqual(['a--b-c-d', 'link--two', 'übung-31']);
});
