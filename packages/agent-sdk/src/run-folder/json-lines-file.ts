import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, stat, truncate } from 'node:fs/promises';
import { fileError, systemCodeOf } from '../checkpoint/file-errors.ts';

/** The beginning of a file that stays; what follows it goes. */
export interface KeptLines {
  readonly bytes: number;
  /** SHA-256 of these bytes. */
  readonly hash: Hash;
}

export const noLines = (): KeptLines => ({ bytes: 0, hash: createHash('sha256') });

/** A file of one JSON object a line that only grows, and knows its length and its checksum. */
export class JsonLinesFile {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #hash: Hash;
  #bytes: number;

  private constructor(path: string, file: FileHandle, { bytes, hash }: KeptLines) {
    this.#path = path;
    this.#file = file;
    this.#bytes = bytes;
    this.#hash = hash;
  }

  /**
   * Cuts the file back to what is kept, and goes on from there.
   * @throws AgentError NOT_WRITABLE, DISK_FULL
   */
  static async open(path: string, kept: KeptLines): Promise<JsonLinesFile> {
    try {
      // By path: Windows does not let a file opened for appending be cut.
      if ((await sizeOf(path)) > kept.bytes) await truncate(path, kept.bytes);
      return new JsonLinesFile(path, await open(path, 'a'), kept);
    } catch (cause) {
      throw fileError('write', path, cause);
    }
  }

  /** Length in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Hash of everything in it, hex. */
  get sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  /** One call at a time. @throws AgentError NOT_WRITABLE, DISK_FULL */
  async append(line: object): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`, 'utf8');
    try {
      await this.#file.appendFile(bytes);
    } catch (cause) {
      throw fileError('write', this.#path, cause);
    }
    this.#bytes += bytes.length;
    this.#hash.update(bytes);
  }

  /** Returns once everything is on the disk. */
  async sync(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (cause) {
      throw fileError('write', this.#path, cause);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Zero where there is no file. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}
