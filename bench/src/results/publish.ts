/** What a bench came to: printed, and with `--save` kept for good. */
import { describeMachine } from '../support/machine.ts';
import { writeIndex } from './results-index.ts';
import { saveResult } from './saved-results.ts';

export interface Report {
  /** File name of the results, without its ending. */
  readonly name: string;
  readonly title: string;
  /** Markdown. */
  readonly text: string;
  /** The same as data, and every single run. */
  readonly data: unknown;
}

/** Prints the report; with `save` also keeps it in the machine's folder of bench/results, and in its index. */
export function publish({ name, title, text, data }: Report, save: boolean): void {
  const machine = describeMachine();
  const date = new Date().toISOString().slice(0, 10);
  const markdown = `# ${title}\n\n${machine}; ${date}\n\n${text}\n`;
  console.log(`\n${markdown}`);
  if (!save) return;
  const path = saveResult(name, { title, machine, date, data }, markdown);
  writeIndex();
  console.log(`saved in ${path} and .json`);
}
