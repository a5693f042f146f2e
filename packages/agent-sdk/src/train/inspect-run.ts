/** The files of a run that is to be resumed, looked at before any of them changes. */
import { z } from 'zod';
import { readCheckpointSummary } from '../checkpoint/checkpoint.ts';
import { AgentError } from '../errors.ts';
import { type CheckedLines, checkLines, readIfFile } from './check-lines.ts';
import { canonicalJson } from './config-hash.ts';
import { type KeptLines, noLines } from './json-lines-file.ts';
import { metricsDictionary, timingTypes } from './metrics.ts';
import { changeableOnResume, parseStoredOptions, type ResolvedTrainOptions } from './option-schema.ts';
import { runFileNames, runFilePath } from './run-folder.ts';

/** What a resumed run goes on from. */
export interface InspectedRun {
  readonly options: ResolvedTrainOptions;
  readonly envSteps: number;
  readonly metrics: KeptLines;
  readonly timing: KeptLines;
  /** What was found amiss and is put right, for people. */
  readonly mended: readonly string[];
}

/**
 * @throws AgentError FILE_UNREADABLE, FILE_FOREIGN, FILE_VERSION; FILE_CORRUPT saying where and what to do;
 * CONFIG_MISMATCH when somebody changed config.json
 */
export async function inspectRun(folder: string): Promise<InspectedRun> {
  const checkpointPath = runFilePath(folder, 'checkpoint');
  const summary = await readCheckpointSummary(checkpointPath);
  const { envSteps } = summary.counters;
  const options = parseStoredOptions(checkpointPath, summary.options);
  const mended: string[] = [];
  const config = await checkConfig(folder, options);
  if (config !== undefined) mended.push(config);

  const metrics = await checkLines(runFilePath(folder, 'metrics'), {
    bytes: summary.metricsBytes,
    sha256: summary.metricsSha256,
    types: new Set(Object.keys(metricsDictionary)),
    envSteps,
    remedy: `put a copy of it back, or move it away: the run then goes on without its lines up to step ${envSteps}`,
  });
  mended.push(...describeMetrics(metrics, summary.metricsBytes, envSteps));
  const timing = await checkLines(runFilePath(folder, 'timing'), {
    types: timingTypes,
    remedy: 'move it away: nothing of the run depends on it',
  });
  if (timing?.isTorn === true) {
    mended.push(`${runFileNames.timing}: its last line had no end and was removed`);
  }
  return {
    options,
    envSteps,
    metrics: metrics?.kept ?? noLines(),
    timing: timing?.kept ?? noLines(),
    mended,
  };
}

function describeMetrics(found: CheckedLines | undefined, bytes: number, envSteps: number): string[] {
  const name = runFileNames.metrics;
  if (found === undefined) {
    return bytes === 0
      ? []
      : [`${name} is missing: the run goes on without its lines up to step ${envSteps}`];
  }
  if (found.dropped === 0) return [];
  const lines = found.dropped === 1 ? 'a line' : `${found.dropped} lines`;
  const torn = found.isTorn ? ' (the last one had no end)' : '';
  return [`${name}: ${lines}${torn} after the checkpoint removed; the run goes on from step ${envSteps}`];
}

const configSchema = z.object({ options: z.record(z.string(), z.unknown()) });

/** It is for people; but whoever changes it believes that it counts. @returns what is put right */
async function checkConfig(folder: string, options: ResolvedTrainOptions): Promise<string | undefined> {
  const path = runFilePath(folder, 'config');
  const text = (await readIfFile(path))?.toString('utf8');
  if (text === undefined) return `${runFileNames.config} is missing: written anew from the checkpoint`;
  const found = parseConfig(text);
  if (found === undefined) return `${runFileNames.config} is damaged: written anew from the checkpoint`;
  for (const [name, value] of Object.entries(options)) {
    const [said, runs] = [canonicalJson(found[name] ?? null), canonicalJson(value)];
    // A run that was resumed with these and killed before its next checkpoint leaves them behind.
    if (said === runs || changeableOnResume.has(name)) continue;
    throw new AgentError(
      'CONFIG_MISMATCH',
      `${path}: ${name} is ${said}, the run was started with ${runs}; the file only tells what the run was started ` +
        'with: change it back or move it away',
    );
  }
  return undefined;
}

/** Undefined for what cannot be read. */
function parseConfig(text: string): Record<string, unknown> | undefined {
  try {
    return configSchema.parse(JSON.parse(text)).options;
  } catch {
    return undefined;
  }
}
