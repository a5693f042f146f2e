/** What a Markdown file promises, as data: code blocks, code spans, table rows. */

export interface CodeBlock {
  /** The first word after the fence: "js". */
  readonly language: string;
  /** What follows it: "browser". */
  readonly note: string;
  /** Where its code comes from: "examples/own-env/cart.ts#registration"; empty: written on the page. */
  readonly source: string;
  readonly code: string;
  /** The fence's line, from 1. */
  readonly line: number;
}

export function codeBlocks(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(/^```(\w*) ?(.*?) ?(?:from (\S+))?\n([\s\S]*?)^```$/gm)].map(
    ({ 1: language = '', 2: note = '', 3: source = '', 4: code = '', index }) => ({
      language,
      note,
      source,
      code,
      line: markdown.slice(0, index).split('\n').length,
    }),
  );
}

/** `code` in the text, none of the blocks. */
export function codeSpans(markdown: string): string[] {
  const text = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
}

/** The cells of each row of the first table below a header whose first cell is `first`. */
export function tableRows(markdown: string, first: string): string[][] {
  const lines = markdown.split('\n');
  const header = lines.findIndex((line) => new RegExp(`^\\| *${first} *\\|`).test(line));
  if (header < 0) throw new Error(`expected a table whose first column is "${first}"`);
  const below = lines.slice(header + 2);
  const end = below.findIndex((line) => !line.startsWith('|'));
  return below.slice(0, end < 0 ? undefined : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
