/** A run's file of JSON lines, looked at before a resumed run goes on with it. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { fileError, systemCodeOf } from '../checkpoint/file-errors.ts';
import { AgentError } from '../errors.ts';
import type { KeptLines } from './json-lines-file.ts';

export interface CheckedLines {
  readonly kept: KeptLines;
  /** Lines after those that are kept; the last of them may have no end. */
  readonly dropped: number;
  /** True where the file ends within a line, as a process that is killed may leave it. */
  readonly isTorn: boolean;
}

export interface ExpectedLines {
  /** Bytes that are known to be there; absent: all whole lines. */
  readonly bytes?: number;
  /** Their hash, hex; absent: nobody knows. */
  readonly sha256?: string | undefined;
  /** The `type`s that a line may have. */
  readonly types: ReadonlySet<string>;
  /** What no line's envSteps may be above, and then none may be below that of the line before; absent: any goes. */
  readonly envSteps?: number;
  /** What whoever finds the file damaged can do, besides taking a copy of it. */
  readonly remedy: string;
}

/**
 * @returns undefined where there is no file: nothing, or a device, which a write will tell of
 * @throws AgentError FILE_UNREADABLE; FILE_CORRUPT with the number of the line and what to do
 */
export async function checkLines(path: string, expected: ExpectedLines): Promise<CheckedLines | undefined> {
  const content = await readIfFile(path);
  if (content === undefined) return undefined;
  const wholeLines = content.lastIndexOf(newline) + 1;
  const { bytes = wholeLines, sha256, remedy } = expected;
  const damaged = (what: string) => new AgentError('FILE_CORRUPT', `${path} is damaged: ${what}; ${remedy}`);
  if (content.length < bytes) throw damaged(`expected ${bytes} bytes, it has ${content.length}`);
  const kept = content.subarray(0, bytes);
  const problem = findProblem(kept, expected);
  if (problem !== undefined) throw damaged(problem);
  const hash = createHash('sha256').update(kept);
  if (sha256 !== undefined && hash.copy().digest('hex') !== sha256) {
    throw damaged(`its first ${bytes} bytes are no longer those that the checkpoint counts on`);
  }
  return {
    kept: { bytes, hash },
    dropped: countLines(content.subarray(bytes)),
    isTorn: wholeLines !== content.length,
  };
}

/** Undefined for nothing and for what is no file: a device may be read for ever. @throws AgentError FILE_UNREADABLE */
export async function readIfFile(path: string): Promise<Buffer | undefined> {
  try {
    return (await stat(path)).isFile() ? await readFile(path) : undefined;
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return undefined;
    throw fileError('read', path, cause);
  }
}

const newline = 0x0a;

function countLines(bytes: Buffer): number {
  let lines = bytes.length > 0 && bytes.at(-1) !== newline ? 1 : 0;
  for (const byte of bytes) if (byte === newline) lines += 1;
  return lines;
}

function findProblem(bytes: Buffer, expected: ExpectedLines): string | undefined {
  let latest = 0;
  for (let line = 1, start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(newline, start);
    if (end < 0) return `line ${line} has no end`;
    const parsed = parseLine(bytes.toString('utf8', start, end), expected);
    if (typeof parsed === 'string') return `line ${line}: ${parsed}`;
    if (expected.envSteps !== undefined && parsed < latest) {
      return `line ${line}: envSteps is ${parsed}, on the line before ${latest}`;
    }
    latest = parsed;
    start = end + 1;
  }
  return undefined;
}

/** @returns its envSteps, or what is wrong with it */
function parseLine(
  text: string,
  { types, envSteps: limit = Number.MAX_SAFE_INTEGER }: ExpectedLines,
): number | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return `expected a JSON object, got ${shortened(text)}`;
  }
  if (typeof value !== 'object' || value === null || !('type' in value) || !('envSteps' in value)) {
    return `expected an object with type and envSteps, got ${shortened(text)}`;
  }
  const { type, envSteps } = value;
  if (typeof type !== 'string' || !types.has(type)) {
    return `expected one of the types ${[...types].join(', ')}, got ${shortened(JSON.stringify(type))}`;
  }
  if (typeof envSteps !== 'number' || !Number.isSafeInteger(envSteps) || envSteps < 0 || envSteps > limit) {
    return `envSteps: expected a whole number from 0 to ${limit}, got ${shortened(JSON.stringify(envSteps))}`;
  }
  return envSteps;
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
