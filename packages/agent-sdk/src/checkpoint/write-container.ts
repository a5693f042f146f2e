import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type MayReplace, writeFileAtomically } from './atomic-file.ts';
import {
  type ArrayEntry,
  byteOrder,
  type ContainerHeader,
  dtypeOf,
  formatVersion,
  magic,
  prefixLength,
  type StoredArray,
} from './container-format.ts';

const chunkBytes = 4 * 1024 * 1024;

/**
 * Saves a tree of plain objects, arrays, strings, booleans, finite numbers, nulls and typed arrays.
 * Memory use is one chunk and the header, whatever the size of the typed arrays.
 * @throws AgentError NOT_WRITABLE, DISK_FULL; the file that was there before is then untouched
 */
export async function writeContainer(
  path: string,
  kind: string,
  content: unknown,
  mayReplace?: MayReplace,
): Promise<void> {
  const arrays: StoredArray[] = [];
  const entries: ArrayEntry[] = [];
  const tree = detachArrays(content, '', arrays, entries);
  const header: ContainerHeader = { kind, byteOrder, arrays: entries, content: tree };
  const headerBytes = Buffer.from(JSON.stringify(header), 'utf8');
  const prefix = Buffer.alloc(prefixLength);
  magic.copy(prefix);
  prefix.writeUInt32LE(formatVersion, magic.length);
  prefix.writeUInt32LE(headerBytes.length, magic.length + 4);

  const write = async (file: FileHandle) => {
    const writer = new HashingWriter(file);
    await writer.write(prefix);
    await writer.write(headerBytes);
    await writer.writeDigest();
    for (const array of arrays) await writer.write(bytesOf(array));
    await writer.finish();
  };
  await writeFileAtomically(path, write, mayReplace);
}

/** Copies a tree, with each typed array moved to the list and a reference left in its place. */
function detachArrays(value: unknown, where: string, arrays: StoredArray[], entries: ArrayEntry[]): unknown {
  const dtype = dtypeOf(value);
  if (dtype !== undefined) {
    const array = value as StoredArray;
    arrays.push(array);
    entries.push({ name: where, dtype, length: array.length });
    return { $array: arrays.length - 1 };
  }
  if (Array.isArray(value)) {
    return value.map((item, i) => detachArrays(item, join(where, i), arrays, entries));
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    return Object.fromEntries(
      fields.map(([key, field]) => [key, detachArrays(field, join(where, key), arrays, entries)]),
    );
  }
  // JSON would turn these into null and so lose them.
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError(`${where}: ${value} cannot be saved`);
  }
  return value;
}

function join(where: string, key: string | number): string {
  return where === '' ? String(key) : `${where}.${key}`;
}

function bytesOf(array: StoredArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Gathers small pieces into chunks, cuts large ones, hashes what it writes and ends with the digest. */
class HashingWriter {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  readonly #chunk = Buffer.alloc(chunkBytes);
  #used = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; ) {
      const count = Math.min(bytes.length - start, chunkBytes - this.#used);
      this.#chunk.set(bytes.subarray(start, start + count), this.#used);
      this.#used += count;
      start += count;
      if (this.#used === chunkBytes) await this.#flush();
    }
  }

  /** Writes the digest of everything so far. */
  async writeDigest(): Promise<void> {
    await this.#flush();
    await this.write(this.#hash.copy().digest());
  }

  async finish(): Promise<void> {
    await this.writeDigest();
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const chunk = this.#chunk.subarray(0, this.#used);
    this.#hash.update(chunk);
    await writeFully(this.#file, chunk);
    this.#used = 0;
  }
}

/** The operating system may take less than it was given, for one when the disk is nearly full. */
async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, start, bytes.length - start);
    start += bytesWritten;
  }
}
