import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { z } from 'zod';
import { AgentError } from '../errors.ts';
import {
  type ArrayEntry,
  arrayTypes,
  byteLengthOf,
  byteOrder,
  type ContainerHeader,
  digestLength,
  dtypeOf,
  formatVersion,
  headerSchema,
  magic,
  prefixLength,
  type StoredArray,
} from './container-format.ts';
import { fileError } from './file-errors.ts';

const chunkBytes = 4 * 1024 * 1024;

/**
 * Says where to put the array of this name ("replay.reward"), so that gigabytes need not be copied once more;
 * undefined: a new array. What it gave out holds rubbish when reading fails.
 */
export type ArrayAllocator = (name: string, length: number) => StoredArray | undefined;

/**
 * Reads what `writeContainer` saved. Nothing is returned before the digest of the whole file was right.
 * @param kind the kind of content that is wanted
 * @param schema of the content; typed arrays appear as such
 * @throws AgentError FILE_UNREADABLE, FILE_FOREIGN, FILE_VERSION, FILE_CORRUPT
 */
export async function readContainer<Schema extends z.ZodType>(
  path: string,
  kind: string,
  schema: Schema,
  allocate: ArrayAllocator = () => undefined,
): Promise<z.output<Schema>> {
  const content = await withFile(path, async (file) => {
    const { header, headerEnd, hash } = await readHeader(file, path, kind);
    const arrays = await readArrays(file, path, header.arrays, headerEnd, hash, allocate);
    return attachArrays(header.content, arrays);
  });
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  // The digest was right: the file is whole, yet not what this version writes.
  throw new AgentError(
    'FILE_CORRUPT',
    `${path}: not a valid ${kind}: ${issue?.path.join('.')}: ${issue?.message}`,
  );
}

/**
 * The scalar part of the content, checked, without reading the arrays: to show what a file holds. References to
 * arrays stay references.
 * @throws AgentError FILE_UNREADABLE, FILE_FOREIGN, FILE_VERSION, FILE_CORRUPT
 */
export async function readContainerSummary<Schema extends z.ZodType>(
  path: string,
  kind: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const { header } = await withFile(path, (file) => readHeader(file, path, kind));
  const result = schema.safeParse(header.content);
  if (!result.success) throw corrupt(path, `not a valid ${kind}`);
  return result.data;
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    return await use(file);
  } catch (cause) {
    throw fileError('read', path, cause);
  } finally {
    await file?.close();
  }
}

interface HeaderRead {
  readonly header: ContainerHeader;
  /** The offset at which the arrays begin. */
  readonly headerEnd: number;
  readonly hash: Hash;
}

async function readHeader(file: FileHandle, path: string, kind: string): Promise<HeaderRead> {
  const { size } = await file.stat();
  const prefix = Buffer.alloc(prefixLength);
  const prefixRead = await readFully(file, prefix, 0);
  const magicRead = Math.min(prefixRead, magic.length);
  if (!prefix.subarray(0, magicRead).equals(magic.subarray(0, magicRead))) {
    throw new AgentError('FILE_FOREIGN', `${path}: not a file that gymwire saved`);
  }
  if (prefixRead < prefixLength) throw corrupt(path, `it ends after ${size} bytes`);
  const version = prefix.readUInt32LE(magic.length);
  if (version !== formatVersion) {
    throw new AgentError(
      'FILE_VERSION',
      `${path}: format version ${version}; this gymwire reads version ${formatVersion}`,
    );
  }
  const headerLength = prefix.readUInt32LE(magic.length + 4);
  const headerEnd = prefixLength + headerLength + digestLength;
  if (headerEnd + digestLength > size) throw corrupt(path, `it ends after ${size} bytes`);
  const headerBytes = Buffer.alloc(headerLength);
  await readFully(file, headerBytes, prefixLength);
  const hash = createHash('sha256').update(prefix).update(headerBytes);
  await checkDigest(file, prefixLength + headerLength, hash, path);
  const header = parseHeader(headerBytes, path);
  checkHeader(header, headerEnd, size, path, kind);
  return { header, headerEnd, hash };
}

/** Compares what was hashed so far with the digest that follows it, which is hashed in turn. */
async function checkDigest(file: FileHandle, position: number, hash: Hash, path: string): Promise<void> {
  const digest = Buffer.alloc(digestLength);
  await readFully(file, digest, position);
  if (!hash.copy().digest().equals(digest)) throw corrupt(path, 'its content does not match its checksum');
  hash.update(digest);
}

function parseHeader(bytes: Buffer, path: string): ContainerHeader {
  try {
    return headerSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw corrupt(path, 'its header cannot be read', cause);
  }
}

function checkHeader(
  header: ContainerHeader,
  headerEnd: number,
  size: number,
  path: string,
  kind: string,
): void {
  if (header.kind !== kind) {
    throw new AgentError('FILE_FOREIGN', `${path}: expected a ${kind}, this is a ${header.kind}`);
  }
  if (header.byteOrder !== byteOrder) {
    throw new AgentError(
      'FILE_FOREIGN',
      `${path}: written on a machine of byte order ${header.byteOrder}, this one has ${byteOrder}`,
    );
  }
  // Before anything is allocated: lengths from a damaged header must not ask for more than the file holds.
  const expected = header.arrays.reduce((sum, entry) => sum + byteLengthOf(entry), headerEnd + digestLength);
  if (expected !== size) throw corrupt(path, `expected ${expected} bytes, it has ${size}`);
}

async function readArrays(
  file: FileHandle,
  path: string,
  entries: readonly ArrayEntry[],
  start: number,
  hash: Hash,
  allocate: ArrayAllocator,
): Promise<StoredArray[]> {
  const arrays: StoredArray[] = [];
  let position = start;
  for (const entry of entries) {
    const given = allocate(entry.name, entry.length);
    const isFitting = dtypeOf(given) === entry.dtype && given?.length === entry.length;
    const array = given !== undefined && isFitting ? given : new arrayTypes[entry.dtype](entry.length);
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let from = 0; from < bytes.length; from += chunkBytes) {
      const chunk = bytes.subarray(from, from + chunkBytes);
      await readFully(file, chunk, position + from);
      hash.update(chunk);
    }
    position += bytes.length;
    arrays.push(array);
  }
  await checkDigest(file, position, hash, path);
  return arrays;
}

function attachArrays(value: unknown, arrays: readonly StoredArray[]): unknown {
  if (Array.isArray(value)) return value.map((item) => attachArrays(item, arrays));
  if (typeof value !== 'object' || value === null) return value;
  if ('$array' in value && typeof value.$array === 'number') return arrays[value.$array];
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, attachArrays(field, arrays)]));
}

/** Returns how many bytes there were. */
async function readFully(file: FileHandle, target: Uint8Array, position: number): Promise<number> {
  let total = 0;
  while (total < target.length) {
    const { bytesRead } = await file.read(target, total, target.length - total, position + total);
    if (bytesRead === 0) break;
    total += bytesRead;
  }
  return total;
}

function corrupt(path: string, detail: string, cause?: unknown): AgentError {
  return new AgentError('FILE_CORRUPT', `${path} is damaged: ${detail}`, { cause });
}
