/** The results that are kept: a folder a machine, of each result a table (`.md`) and its data (`.json`). */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineFolder } from '../support/machine.ts';
import { formatJson } from './format-json.ts';

export const resultsFolder = fileURLToPath(new URL('../../results/', import.meta.url));

/** One result's data, as the JSON file has it. */
export interface ResultData {
  readonly title: string;
  readonly machine: string;
  /** YYYY-MM-DD */
  readonly date: string;
  /** Every single run; what is in it is up to the bench. */
  readonly data: unknown;
}

export interface SavedResult extends ResultData {
  /** The machine's folder. */
  readonly folder: string;
  /** File name without its ending. */
  readonly name: string;
}

/** Writes a table and its data into the machine's folder. @returns the table's path */
export function saveResult(name: string, result: ResultData, markdown: string): string {
  const file = join(makeFolder(result.machine), name);
  writeFileSync(`${file}.md`, markdown);
  const { title, machine, date, data } = result;
  writeFileSync(`${file}.json`, `${formatJson({ title, machine, date, data })}\n`);
  return `${file}.md`;
}

/** Writes a picture that a table shows, without what only a page that one points at needs. */
export function savePicture(name: string, machine: string, svg: string): void {
  writeFileSync(join(makeFolder(machine), `${name}.svg`), slimPicture(svg));
}

/** What ECharts writes for a mouse: classes, their styles, marks of data. A picture in a document has none. */
export function slimPicture(svg: string): string {
  return svg
    .replaceAll(/ (?:ecmeta_\w+|class|pointer-events)="[^"]*"/g, '')
    .replace(/<style ?>[\s\S]*?<\/style>\s*/, '');
}

function makeFolder(machine: string): string {
  const folder = join(resultsFolder, machineFolder(machine));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * All results below a folder, by machine and name.
 * @throws Error naming a result that lies in another machine's folder, or has no table
 */
export function readResults(root = resultsFolder): SavedResult[] {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map((entry) => entry.name)
    .sort()
    .flatMap((folder) => {
      const files = readdirSync(join(root, folder)).filter((file) => file.endsWith('.json'));
      return files.sort().map((file) => readResult(root, folder, file.slice(0, -'.json'.length)));
    });
}

function readResult(root: string, folder: string, name: string): SavedResult {
  const path = join(root, folder, name);
  const result = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as ResultData;
  const wanted = machineFolder(result.machine);
  if (wanted !== folder) throw new Error(`${path}.json: of ${result.machine}, so expected in ${wanted}`);
  if (!existsSync(`${path}.md`)) throw new Error(`${path}.json: expected its table in ${name}.md`);
  return { folder, name, ...result };
}
