import { type FileHandle, open, stat, truncate } from 'node:fs/promises';
import { fileError, systemCodeOf } from '../checkpoint/file-errors.ts';
import { AgentError } from '../errors.ts';

/** A file of one JSON object a line that only grows, and knows its length. */
export class JsonLinesFile {
  readonly #path: string;
  readonly #file: FileHandle;
  #bytes: number;

  private constructor(path: string, file: FileHandle, bytes: number) {
    this.#path = path;
    this.#file = file;
    this.#bytes = bytes;
  }

  /**
   * @param keptBytes what the file is cut back to first; absent: everything stays
   * @throws AgentError NOT_WRITABLE, FILE_CORRUPT when the file is shorter than what should be kept
   */
  static async open(path: string, keptBytes?: number): Promise<JsonLinesFile> {
    try {
      const size = await sizeOf(path);
      const bytes = keptBytes ?? size;
      if (size < bytes) {
        throw new AgentError('FILE_CORRUPT', `${path} is damaged: expected ${bytes} bytes, it has ${size}`);
      }
      // By path: Windows does not let a file opened for appending be cut.
      if (size > bytes) await truncate(path, bytes);
      return new JsonLinesFile(path, await open(path, 'a'), bytes);
    } catch (cause) {
      throw fileError('write', path, cause);
    }
  }

  /** Length in bytes. */
  get bytes(): number {
    return this.#bytes;
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
