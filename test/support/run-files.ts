/** Reading what a run leaves behind, byte by byte. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { runFileNames, runFilePath } from '@gymwire/agent-sdk/parts';

type RunFile = keyof typeof runFileNames;

/** What depends on the clock. */
const timed: ReadonlySet<RunFile> = new Set(['events', 'timing', 'lines']);

/** SHA-256 of each file of a run that two equal runs have in common. */
export function fileHashes(folder: string): Record<string, string> {
  const files = (Object.keys(runFileNames) as RunFile[]).filter((file) => !timed.has(file));
  return Object.fromEntries(
    files.map((file) => [file, createHash('sha256').update(readRunFile(folder, file)).digest('hex')]),
  );
}

export function readRunFile(folder: string, file: RunFile): Buffer {
  return readFileSync(runFilePath(folder, file));
}

/** What was learnt; see `readLines`. */
export function readMetrics(folder: string): ReturnType<typeof readLines> {
  return readLines(folder, 'metrics');
}

export function readLines(
  folder: string,
  file: 'metrics' | 'events' | 'timing',
): Array<Record<string, unknown> & { envSteps: number }> {
  const text = readRunFile(folder, file).toString('utf8');
  if (!text.endsWith('\n')) throw new Error(`${runFileNames[file]} ends within a line`);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown> & { envSteps: number });
}

/** A checkpoint as it lies on the disk: the header's JSON, and every byte of its arrays. */
export interface StoredCheckpoint {
  readonly counters: Record<string, number>;
  readonly metricsBytes: number;
  /** By environment; undefined in a run of an older version. */
  readonly episodesBegun: readonly number[] | undefined;
  readonly rest: Record<string, unknown>;
  readonly arrays: Buffer;
}

/** The layout is that of container-format.ts: magic and version, header length, header, SHA-256, arrays, SHA-256. */
export function readStoredCheckpoint(folder: string): StoredCheckpoint {
  const bytes = readRunFile(folder, 'checkpoint');
  const [lengthAt, digestLength] = [8 + 4, 32];
  const headerAt = lengthAt + 4;
  const headerEnd = headerAt + bytes.readUInt32LE(lengthAt);
  const header = JSON.parse(bytes.toString('utf8', headerAt, headerEnd)) as {
    arrays: unknown;
    content: {
      counters: Record<string, number>;
      seeding?: { episodesBegun: number[] };
      metricsBytes: number;
      metricsSha256: string;
    };
  };
  const { counters, seeding, metricsBytes, metricsSha256: _, ...rest } = header.content;
  return {
    counters,
    metricsBytes,
    episodesBegun: seeding?.episodesBegun,
    rest: { ...rest, arrays: header.arrays },
    arrays: bytes.subarray(headerEnd + digestLength, bytes.length - digestLength),
  };
}
