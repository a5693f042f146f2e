/** The files of a run that grow by lines, and what a checkpoint says of them: one mechanism for all three. */
import { type EventLine, eventTypes } from './events.ts';
import { JsonLinesFile, type KeptLines, type LineMark, noLines } from './json-lines-file.ts';
import { type MetricsLine, metricsTypes } from './metrics.ts';
import { runFilePath } from './run-file-names.ts';
import { type TimingLine, timingTypes } from './timing.ts';

/** The line of each file. */
export interface RunLines {
  readonly metrics: MetricsLine;
  readonly events: EventLine;
  readonly timing: TimingLine;
}

export type LineFileName = keyof RunLines;

interface LineFileRule {
  readonly types: ReadonlySet<string>;
  /**
   * `taken back`: what was learnt after the checkpoint is learnt again, and told again. `kept`: what happened after it, or took
   * time, did so, and is often what one looks for after a crash.
   */
  readonly afterCheckpoint: 'taken back' | 'kept';
}

export const lineFiles: Readonly<Record<LineFileName, LineFileRule>> = {
  metrics: { types: metricsTypes, afterCheckpoint: 'taken back' },
  events: { types: eventTypes, afterCheckpoint: 'kept' },
  timing: { types: timingTypes, afterCheckpoint: 'kept' },
};

const lineFileNames = Object.keys(lineFiles) as LineFileName[];

/** What stays of each file, so that a resumed run says nothing twice. */
export type KeptFiles = Readonly<Record<LineFileName, KeptLines>>;

export function noFiles(): KeptFiles {
  return { metrics: noLines(), events: noLines(), timing: noLines() };
}

/** The open files of lines of a run. */
export class LineFiles {
  readonly #files: Readonly<Record<LineFileName, JsonLinesFile>>;

  private constructor(files: Readonly<Record<LineFileName, JsonLinesFile>>) {
    this.#files = files;
  }

  /** Cuts each back to what is kept. @throws AgentError NOT_WRITABLE, DISK_FULL */
  static async open(folder: string, kept: KeptFiles): Promise<LineFiles> {
    const opened: JsonLinesFile[] = [];
    try {
      for (const name of lineFileNames) {
        opened.push(await JsonLinesFile.open(runFilePath(folder, name), kept[name]));
      }
    } catch (error) {
      for (const file of opened) await file.close();
      throw error;
    }
    const files = Object.fromEntries(lineFileNames.map((name, i) => [name, opened[i]]));
    return new LineFiles(files as Record<LineFileName, JsonLinesFile>);
  }

  append<Name extends LineFileName>(name: Name, line: RunLines[Name]): Promise<void> {
    return this.#files[name].append(line);
  }

  /** Returns once everything is on the disk: a checkpoint never counts on lines that a power cut could take. */
  async sync(): Promise<Readonly<Record<LineFileName, LineMark>>> {
    const { metrics, events, timing } = this.#files;
    return { metrics: await metrics.sync(), events: await events.sync(), timing: await timing.sync() };
  }

  async close(): Promise<void> {
    for (const name of lineFileNames) await this.#files[name].close();
  }
}
