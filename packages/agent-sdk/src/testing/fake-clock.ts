import { setImmediate as turn } from 'node:timers/promises';
import type { FleetClock } from '../fleet/wait-for-most.ts';

/** Time that passes when a test says so. */
export class FakeClock implements FleetClock {
  #now = 0;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#sleepers.push({ at: this.#now + ms, wake: resolve });
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Goes to the next moment at which somebody wakes; what that brings about has happened then. */
  async advance(): Promise<void> {
    await turn();
    const next = Math.min(...this.#sleepers.map(({ at }) => at));
    if (next === Infinity) return;
    this.#now = next;
    const due = this.#sleepers.filter(({ at }) => at <= next);
    this.#sleepers = this.#sleepers.filter(({ at }) => at > next);
    for (const { wake } of due) wake();
    await turn();
  }
}
