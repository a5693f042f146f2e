/** bench/results/README.md: questions, and under each the results that answer it, newest first. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTable } from '../support/report.ts';
import { questions } from './questions.ts';
import { readResults, resultsFolder, type SavedResult } from './saved-results.ts';

const head = `# Results

Written by \`npm run bench -- index\` from the results themselves; \`--save\` after any bench keeps its result in the folder of
the machine that it ran on and refreshes this page. Each answer stands in one line; the table behind it says what was
measured, with which versions, and what a peer does differently. Only figures of one table can be compared: peers are measured
in turn with ours (in bold), on one machine. How to read the tables, and how to get the peers: [bench/README.md](../README.md).
`;

/** Writes the index anew. */
export function writeIndex(root = resultsFolder): void {
  writeFileSync(join(root, 'README.md'), formatIndex(readResults(root)));
}

/** Returns whether the index is what the results say. */
export function isIndexFresh(root = resultsFolder): boolean {
  const text = readFileSync(join(root, 'README.md'), 'utf8').replaceAll('\r\n', '\n');
  return text === formatIndex(readResults(root));
}

/** @throws Error naming a result that answers no question */
export function formatIndex(results: readonly SavedResult[]): string {
  const stray = results.find(({ name }) => !questions.some(({ names }) => names.test(name)));
  if (stray !== undefined) {
    throw new Error(`bench/results/${stray.folder}/${stray.name}: expected a name that answers a question`);
  }
  const sections = questions.flatMap(({ question, names, answer }) => {
    const own = results
      .filter(({ name }) => names.test(name))
      .sort((a, b) => b.date.localeCompare(a.date) || compareNames(a, b));
    if (own.length === 0) return [];
    const rows = own.map((result) => {
      const { setting, figure, commands } = answer(result.data, result.name);
      return {
        what: `[${setting}](${result.folder}/${result.name}.md)`,
        figure,
        machine: result.folder,
        date: result.date,
        command: commands.map((command) => `\`${command}\``).join(', then '),
      };
    });
    return [`## ${question}`, formatTable(rows, 'left')];
  });
  return `${[head.trimEnd(), formatMachines(results), ...sections].join('\n\n')}\n`;
}

function compareNames(a: SavedResult, b: SavedResult): number {
  return a.name.localeCompare(b.name) || a.folder.localeCompare(b.folder);
}

function formatMachines(results: readonly SavedResult[]): string {
  const folders = [...new Set(results.map(({ folder }) => folder))].sort();
  const described = folders.map((folder) => {
    const machines = results.filter((result) => result.folder === folder).map(({ machine }) => machine);
    return { machine: `\`${folder}\``, what: [...new Set(machines)].sort().join('; ') };
  });
  return formatTable(described, 'left');
}
