/** The files of lines of a run that is to be resumed, looked at before any of them changes: one mechanism for all three. */
import { type CheckedLines, checkLines } from './check-lines.ts';
import { noLines } from './json-lines-file.ts';
import { type KeptFiles, type LineFileName, lineFiles } from './line-files.ts';
import { readMarks } from './line-marks.ts';
import { runFileNames, runFilePath } from './run-file-names.ts';

/** What is known of a file's lines at the checkpoint. */
interface Counted {
  readonly bytes: number;
  /** Absent: nobody knows. */
  readonly sha256: string | undefined;
}

export interface InspectedLines {
  readonly kept: KeptFiles;
  /** What was found amiss and is put right, for people. */
  readonly mended: string[];
}

/**
 * @param checkpoint where it is, and what it counts on of metrics.jsonl; undefined: there is none, and nothing was learnt
 * @throws AgentError FILE_UNREADABLE; FILE_CORRUPT saying where and what to do
 */
export async function inspectLines(
  folder: string,
  checkpoint: (Counted & { readonly envSteps: number }) | undefined,
): Promise<InspectedLines> {
  const { marks, mended: marksMended } = await readMarks(folder);
  const mended = marksMended === undefined ? [] : [marksMended];
  const inspect = async (name: LineFileName, counted: Counted | undefined) => {
    const found = await checkFile(folder, name, counted, checkpoint?.envSteps ?? 0);
    mended.push(...describe(name, found, counted, checkpoint?.envSteps ?? 0));
    return found?.kept ?? noLines();
  };
  const timing = await inspect('timing', marks?.timing);
  const events = await inspect('events', marks?.events);
  const metrics = checkpoint === undefined ? noLines() : await inspect('metrics', checkpoint);
  return { kept: { metrics, events, timing }, mended };
}

async function checkFile(
  folder: string,
  name: LineFileName,
  counted: Counted | undefined,
  envSteps: number,
): Promise<CheckedLines | undefined> {
  const { types, afterCheckpoint } = lineFiles[name];
  const path = runFilePath(folder, name);
  if (afterCheckpoint === 'taken back') {
    const remedy = `put a copy of it back, or move it away: the run then goes on without its lines up to step ${envSteps}`;
    return checkLines(path, { types, bytes: counted?.bytes ?? 0, sha256: counted?.sha256, envSteps, remedy });
  }
  const remedy = 'put a copy of it back, or move it away: nothing of the run depends on it';
  // The part that is known, then all of it: a line that was changed is named before a checksum that does not fit.
  const found = await checkLines(path, { types, remedy });
  if (counted !== undefined) await checkLines(path, { types, ...counted, remedy });
  return found;
}

function describe(
  name: LineFileName,
  found: CheckedLines | undefined,
  counted: Counted | undefined,
  envSteps: number,
): string[] {
  const file = runFileNames[name];
  const isTakenBack = lineFiles[name].afterCheckpoint === 'taken back';
  if (found === undefined) {
    if (counted === undefined || counted.bytes === 0) return [];
    const without = isTakenBack ? ` up to step ${envSteps}` : '';
    return [`${file} is missing: the run goes on without its lines${without}`];
  }
  if (!isTakenBack) return found.isTorn ? [`${file}: its last line had no end and was removed`] : [];
  if (found.dropped === 0) return [];
  const lines = found.dropped === 1 ? 'a line' : `${found.dropped} lines`;
  const torn = found.isTorn ? ' (the last one had no end)' : '';
  return [`${file}: ${lines}${torn} after the checkpoint removed; the run goes on from step ${envSteps}`];
}
