import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, stat, truncate } from 'node:fs/promises';
import { fileError, systemCodeOf } from '../checkpoint/file-errors.ts';

/** The beginning of a file that stays; what follows it goes. */
export interface KeptLines {
  readonly bytes: number;
  /** SHA-256 of these bytes. */
  readonly hash: Hash;
}

/** How far a file was at some moment: its length, and the hash of all of it, hex. */
export interface LineMark {
  readonly bytes: number;
  readonly sha256: string;
}

export const noLines = (): KeptLines => ({ bytes: 0, hash: createHash('sha256') });

/** A file of one JSON object a line that only grows, and knows its length and its checksum. */
export class JsonLinesFile {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #hash: Hash;
  #bytes: number;
  /** What is still to be written, one after the other; never rejects. */
  #queue: Promise<unknown> = Promise.resolve();

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

  /** Lines come in the order of the calls. @throws AgentError NOT_WRITABLE, DISK_FULL */
  append(line: object): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`, 'utf8');
    return this.#inOrder(async () => {
      await this.#file.appendFile(bytes);
      this.#bytes += bytes.length;
      this.#hash.update(bytes);
    });
  }

  /** Returns once everything is on the disk, and how far that is. @throws AgentError NOT_WRITABLE, DISK_FULL */
  sync(): Promise<LineMark> {
    return this.#inOrder(async () => {
      await this.#file.sync();
      return { bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') };
    });
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work).catch((cause: unknown) => {
      throw fileError('write', this.#path, cause);
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.#queue;
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
