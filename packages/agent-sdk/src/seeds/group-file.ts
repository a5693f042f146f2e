/** The file that makes a folder the folder of a group: its seeds, and what its runs have in common. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../checkpoint/atomic-file.ts';
import { fileError } from '../checkpoint/file-errors.ts';
import { AgentError } from '../errors.ts';
import type { ResolvedTrainOptions } from '../generated/train-options.ts';
import { canonicalJson } from '../options/config-hash.ts';
import { parseStoredOptions } from '../options/option-schema.ts';
import { groupFileName } from '../run-folder/run-file-names.ts';
import type { RunLock } from '../run-folder/run-lock.ts';

const format = 'gymwire group of seeds';
const version = 1;

/** What a group's runs have in common. */
export type GroupOptions = Omit<ResolvedTrainOptions, 'seed'>;

export interface SeedGroup {
  readonly seeds: readonly number[];
  readonly options: GroupOptions;
}

const envelopeSchema = z.object({ format: z.literal(format), version: z.int() });
const groupSchema = z.strictObject({
  format: z.literal(format),
  version: z.literal(version),
  seeds: z.array(z.int().nonnegative()).min(1),
  /** SHA-256 of the seeds and options, hex: whoever changes them by hand believes that it counts for runs that began. */
  sha256: z.string(),
  options: z.record(z.string(), z.unknown()),
});

export function groupFilePath(folder: string): string {
  return join(folder, groupFileName);
}

/** The folder of a group's run. */
export function seedFolder(groupFolder: string, seed: number): string {
  return join(groupFolder, `seed${seed}`);
}

/** All options of a group's run. */
export function optionsOf({ options }: SeedGroup, seed: number): ResolvedTrainOptions {
  return { ...options, seed };
}

/** @throws AgentError FILE_UNREADABLE, FILE_FOREIGN, FILE_VERSION, FILE_CORRUPT, CONFIG_MISMATCH */
export async function readGroupFile(folder: string): Promise<SeedGroup> {
  const path = groupFilePath(folder);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw fileError('read', path, cause);
  });
  const content = parseJson(text);
  const envelope = envelopeSchema.safeParse(content);
  if (!envelope.success) {
    const isTorn = content === undefined;
    const what = isTorn ? 'is damaged: expected JSON' : `is not a ${format}`;
    throw new AgentError(isTorn ? 'FILE_CORRUPT' : 'FILE_FOREIGN', `${path} ${what}`);
  }
  if (envelope.data.version !== version) {
    const found = `format version ${envelope.data.version}, this version of gymwire knows ${version}`;
    throw new AgentError('FILE_VERSION', `${path}: ${found}`);
  }
  const parsed = groupSchema.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AgentError('FILE_CORRUPT', `${path} is damaged: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { seeds, options, sha256 } = parsed.data;
  if (sha256 !== hashOf(seeds, options)) {
    throw new AgentError(
      'CONFIG_MISMATCH',
      `${path}: its seeds or options were changed by hand, and its runs were begun with others: change them back, or start another group`,
    );
  }
  const { seed: _, ...common } = parseStoredOptions(path, { ...options, seed: 0 });
  return { seeds, options: common };
}

/** @throws AgentError NOT_WRITABLE, DISK_FULL, RUN_LOST */
export async function writeGroupFile(
  folder: string,
  { seeds, options }: SeedGroup,
  { check }: Pick<RunLock, 'check'>,
): Promise<void> {
  const content = { format, version, seeds, sha256: hashOf(seeds, options), options };
  const text = `${JSON.stringify(content, null, 2)}\n`;
  await writeFileAtomically(groupFilePath(folder), (file) => file.writeFile(text), check);
}

function hashOf(seeds: readonly number[], options: object): string {
  return createHash('sha256').update(canonicalJson({ seeds, options })).digest('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
