/** Tables for people, and the same figures saved for good. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeMachine } from './machine.ts';
import type { Measured, MissingSubject } from './rounds.ts';

export const resultsFolder = fileURLToPath(new URL('../../results/', import.meta.url));

export type Row = Readonly<Record<string, string | number>>;

/** A Markdown table, columns padded. */
export function formatTable(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => columns.map((column) => String(row[column] ?? '')));
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

export interface Report {
  /** File name of the results, without its ending. */
  readonly name: string;
  readonly title: string;
  /** Markdown. */
  readonly text: string;
  /** The same as data, and every single run. */
  readonly data: unknown;
}

/** Prints the report; with `save` also keeps it in bench/results. */
export function publish(report: Report, save: boolean): void {
  const machine = describeMachine();
  const date = new Date().toISOString().slice(0, 10);
  const markdown = `# ${report.title}\n\n${machine}; ${date}\n\n${report.text}\n`;
  console.log(`\n${markdown}`);
  if (!save) return;
  mkdirSync(resultsFolder, { recursive: true });
  const file = join(resultsFolder, report.name);
  writeFileSync(`${file}.md`, markdown);
  const { title, data } = report;
  writeFileSync(`${file}.json`, `${JSON.stringify({ title, machine, date, data }, undefined, 2)}\n`);
  console.log(`saved in ${file}.md and .json`);
}
