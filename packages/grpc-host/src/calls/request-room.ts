/** Memory for requests on their way in, of all connections together: from their announcement until they are dealt with. */
import type { Ending } from './line.ts';

/** Whose requests they are. */
export interface Sender {
  /** Bytes of requests that there is room for now. */
  requestBytes: number;
}

interface Waiting {
  readonly sender: Sender;
  readonly bytes: number;
  readonly go: () => void;
}

export class RequestRoom {
  readonly #totalBytes: number;
  readonly #waiting = new Set<Waiting>();
  #bytes = 0;

  constructor(totalBytes: number) {
    this.#totalBytes = totalBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @returns gives the room back; undefined when the call ended before there was any */
  async take(call: Ending, sender: Sender, bytes: number): Promise<(() => void) | undefined> {
    const isFree = this.#waiting.size === 0 && this.#fits(bytes);
    if (isFree) return this.hold(sender, bytes);
    return (await this.#wait(call, sender, bytes)) ? this.#heldBy(sender, bytes) : undefined;
  }

  /** Without asking: it has come already, or is small. */
  hold(sender: Sender, bytes: number): () => void {
    this.#enter(sender, bytes);
    return this.#heldBy(sender, bytes);
  }

  #enter(sender: Sender, bytes: number): void {
    this.#bytes += bytes;
    sender.requestBytes += bytes;
  }

  #heldBy(sender: Sender, bytes: number): () => void {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#bytes -= bytes;
      sender.requestBytes -= bytes;
      this.#wake();
    };
  }

  #wait(call: Ending, sender: Sender, bytes: number): Promise<boolean> {
    return new Promise((resolve) => {
      const leave = call.onEnd(() => {
        this.#waiting.delete(waiting);
        resolve(false);
      });
      const go = () => {
        leave();
        resolve(true);
      };
      const waiting = { sender, bytes, go };
      if (!call.isOver) this.#waiting.add(waiting);
    });
  }

  /** Also a message that is larger than all of the room, when nobody else is in it. */
  #fits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#totalBytes;
  }

  /** Who has the least of it is next; among equals, who came first. */
  #wake(): void {
    while (this.#waiting.size > 0) {
      let next: Waiting | undefined;
      for (const waiting of this.#waiting) {
        if (next === undefined || waiting.sender.requestBytes < next.sender.requestBytes) next = waiting;
      }
      if (next === undefined || !this.#fits(next.bytes)) return;
      this.#waiting.delete(next);
      this.#enter(next.sender, next.bytes);
      next.go();
    }
  }
}
