/**
 * lines.json: how far events.jsonl and timing.jsonl were when the last checkpoint was written. What metrics.jsonl had then is in the
 * checkpoint itself; these two depend on the clock, and checkpoints of equal runs are equal.
 */
import { z } from 'zod';
import { type MayReplace, writeFileAtomically } from '../checkpoint/atomic-file.ts';
import { readIfFile } from './check-lines.ts';
import type { LineMark } from './json-lines-file.ts';
import { runFileNames, runFilePath } from './run-file-names.ts';

export type LineMarks = Readonly<Record<'events' | 'timing', LineMark>>;

const markSchema = z.strictObject({ bytes: z.int().nonnegative(), sha256: z.string() });
const marksSchema = z.strictObject({ events: markSchema, timing: markSchema });

export async function writeMarks(folder: string, marks: LineMarks, mayReplace: MayReplace): Promise<void> {
  const text = `${JSON.stringify(marks, null, 2)}\n`;
  await writeFileAtomically(runFilePath(folder, 'lines'), (file) => file.writeFile(text), mayReplace);
}

/** Absent in folders of older versions. @returns what was amiss, for people; no marks: the files are taken as they are */
export async function readMarks(
  folder: string,
): Promise<{ readonly marks?: LineMarks; readonly mended?: string }> {
  const text = (await readIfFile(runFilePath(folder, 'lines')))?.toString('utf8');
  if (text === undefined) return {};
  try {
    return { marks: marksSchema.parse(JSON.parse(text)) };
  } catch {
    return { mended: `${runFileNames.lines} is damaged: the next checkpoint writes it anew` };
  }
}
