/** A run folder of `gymwire train`, as far as its returns go. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EvaluationMetrics,
  type ResolvedTrainOptions,
  runFileNames,
  type ValueMetrics,
} from '@gymwire/agent-sdk/parts';

/** What every version's runs have of an evaluation. */
export type RunEvaluation = Omit<EvaluationMetrics, keyof ValueMetrics>;

export interface Run {
  readonly options: ResolvedTrainOptions;
  /** The version by which its episodes got their seeds; absent in results that were saved before there was a second. */
  readonly seeding?: number;
  /** In the order of envSteps. */
  readonly evaluations: readonly RunEvaluation[];
  /** How often it was stopped and went on. */
  readonly resumes: number;
  /** What computed, from events.jsonl. */
  readonly learner: string;
  /** From start to end, while the process was there. */
  readonly trainingSeconds: number;
}

interface Line {
  readonly type: string;
  readonly seconds?: number;
  readonly learner?: string;
}

export function readRun(folder: string): Run {
  const config = JSON.parse(readFileSync(join(folder, runFileNames.config), 'utf8')) as {
    options: ResolvedTrainOptions;
    seeding?: { version: number };
  };
  const metrics = readLines(join(folder, runFileNames.metrics));
  const timing = readLines(join(folder, runFileNames.timing));
  // Of an older version's run, what happened is in the other two.
  const events = [...readLines(join(folder, runFileNames.events)), ...metrics, ...timing];
  return {
    options: config.options,
    seeding: config.seeding?.version ?? 1,
    evaluations: metrics.filter(isEvaluation),
    resumes: events.filter(({ type }) => type === 'resume').length,
    learner: events.find(({ learner }) => learner !== undefined)?.learner ?? 'unknown',
    trainingSeconds: timing.reduce((sum, { seconds = 0 }) => sum + seconds, 0),
  };
}

function isEvaluation(line: Line): line is RunEvaluation & { type: 'evaluation' } {
  return line.type === 'evaluation';
}

function readLines(path: string): Line[] {
  const text = existsSync(path) ? readFileSync(path, 'utf8').trimEnd() : '';
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Line);
}

/** What stands beside figures whose seeds meant other episodes than they do now; empty: they mean the same. */
export function seedingNote(seeding = 1): string {
  return seeding === 2 ? '' : 'older seeding';
}
