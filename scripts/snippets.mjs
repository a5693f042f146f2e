// Code in documents and doc comments that is a region of a real file. A fence names where its code comes from,
// "```ts from examples/own-env/cart.ts#registration", and `npm run generate` writes it there; without `#` it is the
// whole file. In the file, `// #region registration` and `// #endregion` (`#` in Python) are around it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, trackedFiles } from './tools.mjs';

/** What is type-checked and run by tests; code from elsewhere could rot. */
const RUN = [
  /^examples\//,
  /^test\/snippets\//,
  /^packages\/[^/]+\/src\/(?!.*\.test\.ts$)/,
  /^bridges\/python\/(src|tests|examples)\//,
];

/** Where fences are looked for: documents, and doc comments that users see. */
const PAGES = ['*.md', 'packages/*/src/**/*.ts', 'bridges/python/src/**/*.py'];

/** `lead` is what stands before each line: the star of a comment, or an indentation. */
const FENCE =
  /^(?<lead>[ \t]*(?:\* ?)?)(?<head>```\w+ (?:[\w-]+ )?from (?<source>\S+))\n(?:.*\n)*?\k<lead>```$/gm;

const BEGIN = /^\s*(?:\/\/|#) ?#?region (?<name>[\w-]+)\s*$/;
const END = /^\s*(?:\/\/|#) ?#?endregion\b.*$/;

/**
 * The code of a region, moved to the left edge, without the marks of regions inside it.
 * @param {string} text of the file
 * @param {string} [name] none: all of it
 * @returns {string} ends with a newline
 */
export function regionOf(text, name) {
  /** @type {string[]} */
  const open = [];
  let count = 0;
  const lines = text.split('\n').filter((line) => {
    const begun = BEGIN.exec(line)?.groups?.['name'];
    if (begun !== undefined) {
      open.push(begun);
      if (begun === name) count += 1;
      return false;
    }
    if (END.test(line)) {
      if (open.pop() === undefined) throw new Error('a region ends that has not begun');
      return false;
    }
    return name === undefined || open.includes(name);
  });
  if (open.length > 0) throw new Error(`region ${open.at(-1)} has no end`);
  if (name !== undefined && count !== 1) throw new Error(`expected one region ${name}, found ${count}`);
  const widths = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const edge = Math.min(...widths);
  return `${lines
    .map((line) => line.slice(edge))
    .join('\n')
    .replaceAll(/^\n+|\s+$/g, '')}\n`;
}

/**
 * The code that a fence names.
 * @param {string} source path from the root, then `#` and a region's name
 */
export function snippet(source) {
  const [path = '', name] = source.split('#');
  if (!RUN.some((place) => place.test(path))) {
    throw new Error(
      `${source}: expected a file that tests run: an example, test/snippets, a package's source`,
    );
  }
  if (!existsSync(join(ROOT, path))) throw new Error(`${source}: no such file`);
  try {
    return regionOf(readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n'), name);
  } catch (error) {
    throw new Error(`${source}: ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * A page with the code of its fences written anew.
 * @param {string} page
 * @param {(source: string) => string} [find] gives the code
 */
export function withSnippets(page, find = snippet) {
  return page.replaceAll(FENCE, (/** @type {unknown[]} */ ...match) => {
    const { lead = '', head, source = '' } = /** @type {Record<string, string>} */ (match.at(-1));
    const lines = find(source)
      .trimEnd()
      .split('\n')
      .map((line) => `${lead}${line}`.trimEnd());
    return [`${lead}${head}`, ...lines, `${lead}\`\`\``].join('\n');
  });
}

/** The files in which a fence names where its code comes from. */
export async function pagesWithSnippets() {
  const paths = await trackedFiles(PAGES);
  return paths.filter((path) => readFileSync(join(ROOT, path), 'utf8').search(FENCE) >= 0);
}
