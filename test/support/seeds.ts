/** Groups of small runs, by the command line and alone. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { type TrainOptions, train } from '@gymwire/agent-sdk';
import { expect } from 'vitest';
import { fileHashes } from './run-files.ts';
import { smallRun } from './small-training.ts';

/** Runs of a second; a log line every 50 steps. */
export const seedOptions = { ...smallRun, logInterval: 50 } satisfies TrainOptions;

/** `seedOptions` as flags. @param more instead of some of them */
export function seedFlags(more: Partial<TrainOptions> = {}): string[] {
  const options = { ...seedOptions, ...more };
  const flags: Readonly<Record<string, unknown>> = {
    '--env': options.envId,
    '--max-episode-steps': options.maxEpisodeSteps,
    '--steps': options.totalEnvSteps,
    '--learning-starts': options.learningStarts,
    '--hidden': options.hiddenSizes?.join(','),
    '--batch-size': options.batchSize,
    '--buffer-size': options.bufferSize,
    '--eval-every': options.evaluationInterval,
    '--eval-episodes': options.evaluationEpisodes,
    '--log-every': options.logInterval,
    '--checkpoint-every': options.checkpointInterval,
  };
  return Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)]);
}

/** The runs that have begun, copied as they are. */
export function copyRuns(group: string, seeds: readonly number[], to: string): string[] {
  return seeds.map((seed) => {
    const copy = join(to, `seed${seed}`);
    cpSync(join(group, `seed${seed}`), copy, { recursive: true });
    return copy;
  });
}

/** Plays a group's runs to their end alone, and expects the bytes that they have in the group. */
export async function expectSameAlone(
  group: string,
  server: string,
  copies: readonly string[],
  options: Partial<TrainOptions> = {},
): Promise<void> {
  for (const copy of copies) {
    await train({ server, runFolder: copy, resume: true, options });
    const name = copy.slice(copy.lastIndexOf('seed'));
    expect([name, fileHashes(copy)]).toEqual([name, fileHashes(join(group, name))]);
  }
}
