/**
 * Memory for requests on their way in, of all connections together: for what has come of them, until they are dealt with. Where
 * there is none, what comes next waits; who has the least of it is next, and who holds some and does not go on gives it up.
 */

/** Whose requests they are. */
export interface Sender {
  /** Bytes of requests that there is room for now. */
  requestBytes: number;
}

/** A call. */
export interface Holder {
  readonly sender: Sender;
  readonly isOver: boolean;
  /** Ends the call: others need the room. */
  giveUp(): void;
}

interface Waiting {
  readonly held: Held;
  readonly bytes: number;
  readonly settle: (isIn: boolean) => void;
}

/** How long those who wait leave to those who hold. */
const patienceMs = 2000;
/** Less than this in that time is standing still. */
const leastProgress = 16 * 1024;

export class RequestRoom {
  readonly #totalBytes: number;
  readonly #patienceMs: number;
  readonly #open = new Set<Held>();
  readonly #waiting = new Set<Waiting>();
  #bytes = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(totalBytes: number, patience: number = patienceMs) {
    this.#totalBytes = totalBytes;
    this.#patienceMs = patience;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** One call's part. */
  open(holder: Holder): Held {
    return new Held(holder, this);
  }

  /** What comes need not wait. Also one that is larger than all of the room, when nobody else is in it. */
  fits(held: Held, bytes: number): boolean {
    return this.#waiting.size === 0 && this.#hasRoom(held, bytes);
  }

  #hasRoom(held: Held, bytes: number): boolean {
    return this.#bytes === held.bytes || this.#bytes + bytes <= this.#totalBytes;
  }

  /** Without asking. @param by how many bytes more, or fewer */
  change(held: Held, by: number): void {
    this.#bytes += by;
    held.holder.sender.requestBytes += by;
    if (held.bytes === 0) this.#open.delete(held);
    else this.#open.add(held);
    if (by < 0) this.#wake();
  }

  /** @returns whether there was room; else the call ended before */
  wait(held: Held, bytes: number): Promise<boolean> {
    return new Promise((settle) => {
      this.#waiting.add({ held, bytes, settle });
      this.#watch ??= setInterval(() => this.#clear(), this.#patienceMs).unref();
    });
  }

  leave(held: Held): void {
    for (const waiting of this.#waiting) {
      if (waiting.held === held) this.#settle(waiting, false);
    }
    this.#wake();
  }

  #settle(waiting: Waiting, isIn: boolean): void {
    this.#waiting.delete(waiting);
    if (this.#waiting.size === 0) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
    if (isIn) waiting.held.enter(waiting.bytes);
    waiting.settle(isIn);
  }

  #wake(): void {
    while (this.#waiting.size > 0) {
      let next: Waiting | undefined;
      for (const waiting of this.#waiting) {
        if (next === undefined || bytesOf(waiting.held) < bytesOf(next.held)) next = waiting;
      }
      if (next === undefined || !this.#hasRoom(next.held, next.bytes)) return;
      this.#settle(next, true);
    }
  }

  /** Has one give up: of those that stand still, the one whose sender has most. */
  #clear(): void {
    const waiting = new Set([...this.#waiting].map(({ held }) => held));
    let worst: Held | undefined;
    for (const held of this.#open) {
      const isStill = held.takeProgress() < leastProgress;
      // What has come whole is dealt with soon, unless one sender fills the room with it.
      const isStuck = held.isArriving || bytesOf(held) > this.#totalBytes / 2;
      if (!isStill || waiting.has(held) || !isStuck) continue;
      if (worst === undefined || bytesOf(held) > bytesOf(worst)) worst = held;
    }
    // All of them may wait for each other.
    if (worst === undefined && this.#open.size <= waiting.size) {
      for (const held of this.#open) {
        if (worst === undefined || bytesOf(held) > bytesOf(worst)) worst = held;
      }
    }
    worst?.holder.giveUp();
  }
}

function bytesOf({ holder }: Held): number {
  return holder.sender.requestBytes;
}

/** What one call has of the room. */
export class Held {
  readonly holder: Holder;
  readonly #room: RequestRoom;
  bytes = 0;
  /** Bytes that came since somebody asked. */
  #progress = 0;
  /** A message is coming; what has come whole is being dealt with. */
  isArriving = true;
  #hasEnded = false;

  constructor(holder: Holder, room: RequestRoom) {
    this.holder = holder;
    this.#room = room;
  }

  /** @returns whether there was room at once */
  tryAdd(bytes: number): boolean {
    if (bytes === 0) return true;
    if (this.#hasEnded) return false;
    if (!this.#room.fits(this, bytes)) return false;
    this.enter(bytes);
    return true;
  }

  /** @returns false when the call ended before there was room */
  async add(bytes: number): Promise<boolean> {
    if (this.tryAdd(bytes)) return true;
    return !this.#hasEnded && this.#room.wait(this, bytes);
  }

  /** Without asking. */
  enter(bytes: number): void {
    this.isArriving = true;
    this.#progress += bytes;
    this.#change(bytes);
  }

  /** Without asking: what was unpacked is there already. */
  atLeast(bytes: number): void {
    this.isArriving = false;
    if (bytes > this.bytes) this.#change(bytes - this.bytes);
  }

  /** @param bytes that are still needed */
  keep(bytes: number): void {
    if (bytes < this.bytes) this.#change(bytes - this.bytes);
  }

  takeProgress(): number {
    const progress = this.#progress;
    this.#progress = 0;
    return progress;
  }

  /** Gives all back for good. */
  end(): void {
    // It leaves the line before its room is free: or it would be the next one in.
    this.#hasEnded = true;
    this.#room.leave(this);
    this.keep(0);
  }

  #change(by: number): void {
    // gRPC hands over what it has unpacked also when the call has ended meanwhile.
    if (this.#hasEnded && by > 0) return;
    this.bytes += by;
    this.#room.change(this, by);
  }
}
