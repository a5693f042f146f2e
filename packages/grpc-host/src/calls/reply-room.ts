/**
 * Memory for replies that nobody has read yet. What a connection was told and does not read counts until it has left;
 * above its share, and above what all may hold together, its requests wait instead of being carried out.
 */
import type { Ending } from './line.ts';

/** Whose replies they are. */
export interface Reader {
  /** Bytes of replies on their way. */
  unreadBytes: number;
}

interface Waiting {
  readonly reader: Reader;
  readonly go: () => void;
}

export class ReplyRoom {
  readonly #readerBytes: number;
  readonly #totalBytes: number;
  readonly #waiting = new Set<Waiting>();
  #unreadBytes = 0;
  #isWaking = false;

  /** @param readerBytes of one connection @param totalBytes of all */
  constructor(readerBytes: number, totalBytes: number) {
    this.#readerBytes = readerBytes;
    this.#totalBytes = totalBytes;
  }

  /** Unread bytes of all connections together. */
  get unreadBytes(): number {
    return this.#unreadBytes;
  }

  /** Returns whether a request may be carried out. Whoever reads its replies always may, however little the others read. */
  hasRoom({ unreadBytes }: Reader): boolean {
    return unreadBytes === 0 || (unreadBytes < this.#readerBytes && this.#unreadBytes < this.#totalBytes);
  }

  /** @returns whether there is room now; else the call ended before */
  wait(reader: Reader, call: Ending): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting = {
        reader,
        go: () => {
          leave();
          resolve(true);
        },
      };
      const leave = call.onEnd(() => {
        this.#waiting.delete(waiting);
        resolve(false);
      });
      this.#waiting.add(waiting);
    });
  }

  /** A reply is on its way. @returns to be called when it has left, or never will */
  hold(reader: Reader, bytes: number): () => void {
    reader.unreadBytes += bytes;
    this.#unreadBytes += bytes;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      reader.unreadBytes -= bytes;
      this.#unreadBytes -= bytes;
      if (this.#isWaking || this.#waiting.size === 0) return;
      this.#isWaking = true;
      // Replies also leave when their connection ends; then those that wait are about to end, too.
      setImmediate(this.#wake);
    };
  }

  readonly #wake = (): void => {
    this.#isWaking = false;
    for (const waiting of this.#waiting) {
      if (!this.hasRoom(waiting.reader)) continue;
      this.#waiting.delete(waiting);
      waiting.go();
    }
  };
}
