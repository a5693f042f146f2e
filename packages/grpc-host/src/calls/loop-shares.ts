/**
 * The event loop, shared. Requests are carried out as they come for some milliseconds; then the loop looks at its
 * sockets first, and goes on with whoever has had the least of it. One that asks for little waits for one request of
 * the others at most, however many those have sent.
 */
import type { MaybePromise } from '@gymwire/env';

/** Among whom the time is shared: the users of a session, or of a connection. */
export interface Sharer {
  /** What it has used, in a clock that runs with those who are served. */
  usedMs: number;
  /** What its last request took. */
  lastMs: number;
}

interface Waiting {
  readonly sharer: Sharer;
  readonly run: () => void;
}

/** So long is worked before sockets are looked at. */
const defaultSliceMs = 10;
/** Before a request like this one, whatever else has come meanwhile gets its turn. */
const heavyMs = 1;
/** What a request counts at least: those whose work is done elsewhere come to an end as well. */
const leastMs = 0.01;

export class LoopShares {
  readonly #sliceMs: number;
  readonly #later: (run: () => void) => void;
  readonly #waiting: Waiting[] = [];
  /** Since sockets were looked at. */
  #workedMs = 0;
  /** What the one who was served last had used before: those who come after a pause have no claims from before it. */
  #clock = 0;

  /** @param later calls back when sockets have been looked at */
  constructor(sliceMs: number = defaultSliceMs, later: (run: () => void) => void = setImmediate) {
    this.#sliceMs = sliceMs;
    this.#later = later;
  }

  /** True where the next request is carried out at once. */
  get isFree(): boolean {
    return this.#workedMs < this.#sliceMs && this.#waiting.length === 0;
  }

  /** The loop was busy for somebody, for so long. */
  charge(sharer: Sharer, ms: number): void {
    const used = ms < leastMs ? leastMs : ms;
    this.#workedMs += used;
    sharer.lastMs = used;
    sharer.usedMs = (sharer.usedMs > this.#clock ? sharer.usedMs : this.#clock) + used;
  }

  /** Carries a task out, at once or in its turn. The task charges what it takes. */
  take<T>(sharer: Sharer, task: () => MaybePromise<T>): MaybePromise<T> {
    return this.isFree ? task() : this.#wait(sharer, task);
  }

  #wait<T>(sharer: Sharer, task: () => MaybePromise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = () => {
        try {
          resolve(task());
        } catch (thrown) {
          reject(thrown);
        }
      };
      if (sharer.usedMs < this.#clock) sharer.usedMs = this.#clock;
      this.#waiting.push({ sharer, run });
      if (this.#waiting.length === 1) this.#later(this.#serve);
    });
  }

  readonly #serve = (): void => {
    this.#workedMs = 0;
    while (this.#waiting.length > 0 && this.#workedMs < this.#sliceMs) {
      const next = this.#next();
      const { sharer, run } = this.#waiting[next];
      // What a small request is followed by comes with the next look, and should not wait for a large one.
      if (this.#workedMs > 0 && sharer.lastMs >= heavyMs) break;
      this.#waiting.splice(next, 1);
      this.#clock = Math.max(this.#clock, sharer.usedMs);
      this.#workedMs += leastMs;
      run();
    }
    if (this.#waiting.length > 0) this.#later(this.#serve);
  };

  /** Whose turn it is: who has used the least; among equals, who came first. */
  #next(): number {
    let least = 0;
    for (let i = 1; i < this.#waiting.length; i++) {
      if (this.#waiting[i].sharer.usedMs < this.#waiting[least].sharer.usedMs) least = i;
    }
    return least;
  }
}
