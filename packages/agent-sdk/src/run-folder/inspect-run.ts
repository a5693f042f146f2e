/** The files of a run that is to be resumed, looked at before any of them changes. */
import { z } from 'zod';
import { readCheckpointSummary } from '../checkpoint/checkpoint.ts';
import { AgentError } from '../errors.ts';
import type { ResolvedTrainOptions } from '../generated/train-options.ts';
import { canonicalJson } from '../options/config-hash.ts';
import { changeableOnResume, parseStoredOptions } from '../options/option-schema.ts';
import { readIfFile } from './check-lines.ts';
import { inspectLines } from './inspect-lines.ts';
import type { KeptFiles } from './line-files.ts';
import { exists, runFileNames, runFilePath } from './run-file-names.ts';

/** What a resumed run goes on from. */
export interface InspectedRun {
  readonly options: ResolvedTrainOptions;
  readonly envSteps: number;
  /** False: it was ended before its first checkpoint, and starts afresh. */
  readonly hasCheckpoint: boolean;
  readonly kept: KeptFiles;
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
  const isSaved = await exists(runFilePath(folder, 'checkpoint'));
  return isSaved ? inspectSaved(folder) : inspectBegun(folder);
}

/** A run that has its options only. */
async function inspectBegun(folder: string): Promise<InspectedRun> {
  const { kept, mended } = await inspectLines(folder, undefined);
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
  return { options, isReproducible, envSteps: 0, hasCheckpoint: false, kept, mended };
}

async function inspectSaved(folder: string): Promise<InspectedRun> {
  const checkpointPath = runFilePath(folder, 'checkpoint');
  const summary = await readCheckpointSummary(checkpointPath);
  const { envSteps } = summary.counters;
  const options = parseStoredOptions(checkpointPath, summary.options);
  const config = await checkConfig(folder, options, summary.seeding?.version ?? 1);
  const { isReproducible } = config;
  const lines = await inspectLines(folder, {
    envSteps,
    bytes: summary.metricsBytes,
    sha256: summary.metricsSha256,
  });
  const mended = [...(config.mended === undefined ? [] : [config.mended]), ...lines.mended];
  return { options, isReproducible, envSteps, hasCheckpoint: true, kept: lines.kept, mended };
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
