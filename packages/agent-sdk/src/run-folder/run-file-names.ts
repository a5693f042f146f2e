import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a run. */
export const runFileNames = {
  /** The resolved options, for people. */
  config: 'config.json',
  /** What was learnt; see `metricsDictionary`. */
  metrics: 'metrics.jsonl',
  /** What happened, and when; see `eventsDictionary`. */
  events: 'events.jsonl',
  /** Where time went; see `timingDictionary`. */
  timing: 'timing.jsonl',
  /** How far the two before were at the last checkpoint. Not in the checkpoint: those of equal runs are equal. */
  lines: 'lines.json',
  /** All that a resume needs. */
  checkpoint: 'checkpoint.bin',
  /** The policy of the best evaluation. */
  bestPolicy: 'best.policy',
  /** The policy of the last checkpoint. */
  lastPolicy: 'last.policy',
} as const;

export type RunFileName = keyof typeof runFileNames;

/** Beside the folders of a group's runs: its seeds and options. */
export const groupFileName = 'group.json';

export function runFilePath(folder: string, file: RunFileName): string {
  return join(folder, runFileNames[file]);
}

/** Returns whether the folder is that of runs with different seeds, which lie in folders below it. */
export async function holdsGroup(folder: string): Promise<boolean> {
  return exists(join(folder, groupFileName));
}

/** A path below something that is no folder does not exist either; the write that follows says so. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
