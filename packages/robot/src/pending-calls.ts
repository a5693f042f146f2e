/** Calls of a driver that answered with a promise: what is rejected, or never comes to its end, is told. */

interface Pending {
  readonly sinceMs: number;
  readonly onOverdue: (message: string) => void;
}

export class PendingCalls {
  readonly #limitMs: number;
  /** The oldest first. */
  readonly #pending = new Set<Pending>();

  /** @param limitMs how long a call may take */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  add(
    result: PromiseLike<unknown>,
    nowMs: number,
    onRejected: (thrown: unknown) => void,
    onOverdue: Pending['onOverdue'],
  ): void {
    const entry: Pending = { sinceMs: nowMs, onOverdue };
    this.#pending.add(entry);
    result.then(
      () => void this.#pending.delete(entry),
      // One that was told already is told once.
      (thrown: unknown) => void (this.#pending.delete(entry) && onRejected(thrown)),
    );
  }

  /** Tells of the oldest call when it took too long. All are forgotten then: those that come after it start anew. */
  look(nowMs: number): void {
    if (this.#pending.size === 0) return;
    const [oldest] = this.#pending;
    if (nowMs - oldest.sinceMs <= this.#limitMs) return;
    this.#pending.clear();
    oldest.onOverdue(`it has not come to its end for ${Math.round(nowMs - oldest.sinceMs)} ms`);
  }
}

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
