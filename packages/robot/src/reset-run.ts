/** One reset under way: the driver's own, then the wait for a fresh sample. */
import type { Info, Seed } from '@gymwire/protocol';
import { checkedTarget } from './action-limiter.ts';
import type { RobotDriver, RobotResetContext, RobotSample } from './robot-driver.ts';
import type { RobotEvent } from './robot-messages.ts';

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (reason: Error) => void;
}

export class ResetRun {
  readonly id: number;
  readonly startedAtMs: number;
  readonly #commandSize: number;
  readonly #tell: (event: RobotEvent) => void;
  readonly #abort = new AbortController();
  #ticks: Array<Waiter<RobotSample | undefined>> = [];
  #confirmations: Array<Waiter<void>> = [];
  #target: ArrayLike<number> | undefined;
  #doneAtMs: number | undefined;

  constructor(id: number, startedAtMs: number, commandSize: number, tell: (event: RobotEvent) => void) {
    this.id = id;
    this.startedAtMs = startedAtMs;
    this.#commandSize = commandSize;
    this.#tell = tell;
  }

  /** What the driver wants commanded; undefined: nothing. */
  get target(): ArrayLike<number> | undefined {
    return this.#doneAtMs === undefined ? this.#target : undefined;
  }

  /** When the driver was through; undefined: it is not. */
  get doneAtMs(): number | undefined {
    return this.#doneAtMs;
  }

  get isAborted(): boolean {
    return this.#abort.signal.aborted;
  }

  /** @returns when the driver is through, also after it was aborted. @throws what the driver throws */
  async carryOut(
    driver: RobotDriver,
    seed: Seed | undefined,
    options: Info,
    now: () => number,
  ): Promise<void> {
    await driver.reset?.(this.#context(seed, options));
    this.#abort.signal.throwIfAborted();
    this.#doneAtMs = now();
  }

  tick(sample: RobotSample | undefined): void {
    for (const { resolve } of this.#ticks.splice(0)) resolve(sample);
  }

  confirm(): void {
    this.#confirmations.shift()?.resolve();
  }

  abort(reason: Error): void {
    if (this.#abort.signal.aborted) return;
    this.#target = undefined;
    this.#abort.abort(reason);
    for (const { reject } of [...this.#ticks.splice(0), ...this.#confirmations.splice(0)]) reject(reason);
  }

  #context(seed: Seed | undefined, options: Info): RobotResetContext {
    const { signal } = this.#abort;
    const wait = <T>(queue: Array<Waiter<T>>) => {
      signal.throwIfAborted();
      return new Promise<T>((resolve, reject) => queue.push({ resolve, reject }));
    };
    return {
      options,
      seed,
      signal,
      command: (values) => {
        signal.throwIfAborted();
        this.#target = checkedTarget(values, this.#commandSize);
      },
      nextTick: async () => wait(this.#ticks),
      report: (message) => this.#tell({ kind: 'report', message }),
      confirmed: async (message) => {
        this.#tell({ kind: 'instruction', message });
        return wait(this.#confirmations);
      },
    };
  }
}
