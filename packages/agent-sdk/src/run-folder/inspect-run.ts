/** The files of a run that is to be resumed, looked at before any of them changes. */
import { z } from 'zod';
import { readCheckpointSummary } from '../checkpoint/checkpoint.ts';
import { AgentError } from '../errors.ts';
import type { ResolvedTrainOptions } from '../generated/train-options.ts';
import { canonicalJson } from '../options/config-hash.ts';
import { changeableOnResume, parseStoredOptions } from '../options/option-schema.ts';
import { type CheckedLines, checkLines, readIfFile } from './check-lines.ts';
import { type KeptLines, noLines } from './json-lines-file.ts';
import { metricsDictionary, timingTypes } from './metrics.ts';
import { exists, runFileNames, runFilePath } from './run-file-names.ts';

/** What a resumed run goes on from. */
export interface InspectedRun {
  readonly options: ResolvedTrainOptions;
  readonly envSteps: number;
  /** False: it was ended before its first checkpoint, and starts afresh. */
  readonly hasCheckpoint: boolean;
  readonly metrics: KeptLines;
  readonly timing: KeptLines;
  /** False: part of it went on without slow hosts. */
  readonly isReproducible: boolean;
  /** What was found amiss and is put right, for people. */
  readonly mended: readonly string[];
}

/**
 * After `claimRunFolder`.
 * @throws AgentError FILE_UNREADABLE, FILE_FOREIGN, FILE_VERSION; FILE_CORRUPT saying where and what to do;
 * CONFIG_MISMATCH when somebody changed config.json
 */
export async function inspectRun(folder: string): Promise<InspectedRun> {
  const timing = await checkLines(runFilePath(folder, 'timing'), {
    types: timingTypes,
    remedy: 'move it away: nothing of the run depends on it',
  });
  const mended =
    timing?.isTorn === true ? [`${runFileNames.timing}: its last line had no end and was removed`] : [];
  const kept = timing?.kept ?? noLines();
  const isSaved = await exists(runFilePath(folder, 'checkpoint'));
  return isSaved ? inspectSaved(folder, kept, mended) : inspectBegun(folder, kept, mended);
}

/** A run that has its options only. */
async function inspectBegun(folder: string, timing: KeptLines, mended: string[]): Promise<InspectedRun> {
  const path = runFilePath(folder, 'config');
  const found = parseConfig((await readIfFile(path))?.toString('utf8') ?? '');
  if (found === undefined) {
    throw new AgentError(
      'FILE_CORRUPT',
      `${path} is damaged, and the run has no checkpoint: delete ${folder} and start the run again`,
    );
  }
  mended.push(
    'the run was ended before its first checkpoint: it starts afresh, with the options it was given',
  );
  const options = parseStoredOptions(path, found.options);
  const isReproducible = found.reproducible !== false;
  return { options, isReproducible, envSteps: 0, hasCheckpoint: false, metrics: noLines(), timing, mended };
}

async function inspectSaved(folder: string, timing: KeptLines, mended: string[]): Promise<InspectedRun> {
  const checkpointPath = runFilePath(folder, 'checkpoint');
  const summary = await readCheckpointSummary(checkpointPath);
  const { envSteps } = summary.counters;
  const options = parseStoredOptions(checkpointPath, summary.options);
  const config = await checkConfig(folder, options, summary.seeding?.version ?? 1);
  if (config.mended !== undefined) mended.push(config.mended);
  const { isReproducible } = config;

  const metrics = await checkLines(runFilePath(folder, 'metrics'), {
    bytes: summary.metricsBytes,
    sha256: summary.metricsSha256,
    types: new Set(Object.keys(metricsDictionary)),
    envSteps,
    remedy: `put a copy of it back, or move it away: the run then goes on without its lines up to step ${envSteps}`,
  });
  mended.push(...describeMetrics(metrics, summary.metricsBytes, envSteps));
  const kept = metrics?.kept ?? noLines();
  return { options, isReproducible, envSteps, hasCheckpoint: true, metrics: kept, timing, mended };
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

const configSchema = z.object({
  options: z.record(z.string(), z.unknown()),
  /** Absent in folders of older versions. */
  seeding: z.object({ version: z.unknown() }).default({ version: 1 }),
  reproducible: z.boolean().optional(),
});

/** It is for people; but whoever changes it believes that it counts. @returns with what is put right */
async function checkConfig(
  folder: string,
  options: ResolvedTrainOptions,
  seedingVersion: number,
): Promise<{ readonly isReproducible: boolean; readonly mended?: string }> {
  const path = runFilePath(folder, 'config');
  const text = (await readIfFile(path))?.toString('utf8');
  const anew = (how: string) => ({
    isReproducible: true,
    mended: `${runFileNames.config} is ${how}: written anew from the checkpoint`,
  });
  if (text === undefined) return anew('missing');
  const found = parseConfig(text);
  if (found === undefined) return anew('damaged');
  const differences = Object.entries(options).flatMap(([name, value]) => {
    const [said, runs] = [canonicalJson(found.options[name] ?? null), canonicalJson(value)];
    // A run that was resumed with these and killed before its next checkpoint leaves them behind.
    if (said === runs || changeableOnResume.has(name)) return [];
    return [`${name} is ${said}, the run was started with ${runs}`];
  });
  const { version } = found.seeding;
  if (version !== seedingVersion) {
    differences.push(
      `seeding.version is ${JSON.stringify(version)}, the run was started with ${seedingVersion}`,
    );
  }
  if (differences.length === 0) return { isReproducible: found.reproducible !== false };
  throw new AgentError(
    'CONFIG_MISMATCH',
    `${path}: ${differences.join('; ')}; the file only tells what the run was started with: change it back or move it away`,
  );
}

/** Undefined for what cannot be read. */
function parseConfig(text: string): z.infer<typeof configSchema> | undefined {
  try {
    return configSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
