/** Tables for people. */
import type { Measured, MissingSubject } from './rounds.ts';

export type Row = Readonly<Record<string, string | number>>;

/**
 * A Markdown table, columns padded.
 * @param alignment of all columns but the first, which is left; `left` also leaves out the padding: the cells are texts
 */
export function formatTable(rows: readonly Row[], alignment: 'left' | 'right' = 'right'): string {
  const columns = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => columns.map((column) => String(row[column] ?? '')));
  if (alignment === 'left') {
    return [columns, columns.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
  }
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map((row) => row[i].length)));
  const line = (values: readonly string[]) =>
    `| ${values.map((value, i) => (i === 0 ? value.padEnd(widths[i]) : value.padStart(widths[i]))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(columns), rule, ...cells.map(line)].join('\n');
}

/** Which version each subject has, what its time covers and where its work differs; who is missing and why. */
export function formatNotes(
  measured: readonly Pick<Measured, 'name' | 'version' | 'includes' | 'differs'>[],
  missing: readonly MissingSubject[],
  howToGetMissing: string,
): string {
  const notes = measured.map(({ name, version, includes, differs }) => {
    const difference = differs === '' ? '' : ` Differs: ${differs}`;
    return `- **${name}** (${version}): ${includes}${difference}`;
  });
  const absent = missing.map(({ name, reason }) => `- **${name}** is missing: ${reason}`);
  return [...notes, ...absent, ...(absent.length > 0 ? [`- ${howToGetMissing}`] : [])].join('\n');
}
