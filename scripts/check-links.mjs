// Links of the documents that git knows: a file that is not there, a heading that is not in it. Web addresses are not
// asked; the gate needs no network.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { isMain, ROOT, trackedFiles } from './tools.mjs';

/**
 * @typedef {object} Link
 * @property {string} target as it is written, without its fragment
 * @property {string} fragment without `#`; empty: none
 * @property {number} line from 1
 */

/**
 * Targets of links and pictures of a Markdown text that are no web addresses.
 * @param {string} markdown
 * @returns {Link[]}
 */
export function findLinks(markdown) {
  // Code keeps its lines, so that those of links are right.
  const blank = (/** @type {string} */ code) => code.replaceAll(/[^\n]/g, ' ');
  const text = markdown.replaceAll(/^```[\s\S]*?^```$/gm, blank).replaceAll(/`[^`\n]*`/g, blank);
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const tags = [...text.matchAll(/<(?:a|img|source)\b[^>]*\b(?:href|src|srcset)="([^"\s]+)"/g)];
  const references = [...text.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)];
  return [...inline, ...tags, ...references].flatMap(({ 1: whole = '', index }) => {
    if (/^[a-z][a-z+.-]*:/i.test(whole)) return [];
    const [target = '', fragment = ''] = whole.split('#');
    return [{ target: decodeURI(target), fragment, line: text.slice(0, index).split('\n').length }];
  });
}

/**
 * The fragment that GitHub makes of a heading's text.
 * @param {string} heading
 */
export function slugOf(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-');
}

/**
 * The fragments that lead to a text's headings, as GitHub makes them.
 * @param {string} markdown
 * @returns {Set<string>}
 */
export function findAnchors(markdown) {
  const text = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const anchors = /** @type {Set<string>} */ (new Set());
  for (const [, heading = ''] of text.matchAll(/^#{1,6} +(.*?) *#*$/gm)) {
    const slug = slugOf(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, ''));
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/**
 * Dead links, a line each: where, what, and what is missing.
 * @param {string} root
 * @param {readonly string[]} documents paths below it
 * @returns {string[]}
 */
export function findDeadLinks(root, documents) {
  const read = (/** @type {string} */ path) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
  return documents.flatMap((path) => {
    const from = join(root, path);
    return findLinks(read(from)).flatMap(({ target, fragment, line }) => {
      const to = target === '' ? from : join(dirname(from), target);
      const written = `${target}${fragment === '' ? '' : `#${fragment}`}`;
      const fault = (/** @type {string} */ why) => [`${path}:${line}: ${written}: ${why}`];
      if (relative(root, to).startsWith('..')) return fault('leads out of the repository');
      if (!existsSync(to)) return fault('no such file');
      if (fragment === '' || !to.endsWith('.md') || statSync(to).isDirectory()) return [];
      return findAnchors(read(to)).has(fragment) ? [] : fault('no such heading');
    });
  });
}

/** The Markdown files that git knows, or will. */
export function listDocuments() {
  return trackedFiles(['*.md']);
}

if (isMain(import.meta.url)) {
  const documents = await listDocuments();
  const dead = findDeadLinks(ROOT, documents);
  console.log([...dead, `${documents.length} documents, ${dead.length} dead links`].join('\n'));
  process.exitCode = dead.length === 0 && documents.length > 0 ? 0 : 1;
}
