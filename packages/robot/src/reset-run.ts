/** What the driver's own reset uses while it is under way: ticks, commands, confirmations, and the signal that ends it. */
import type { Info, Seed } from '@gymwire/protocol';
import type { RobotDriver, RobotResetContext, RobotSample } from './robot-driver.ts';
import type { RobotEvent } from './robot-messages.ts';

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (reason: Error) => void;
}

export class ResetRun {
  readonly #command: (values: ArrayLike<number>) => void;
  readonly #tell: (event: RobotEvent) => void;
  readonly #abort = new AbortController();
  #ticks: Array<Waiter<RobotSample | undefined>> = [];
  #confirmations: Array<Waiter<void>> = [];

  /** @param command takes what the driver wants commanded. @throws Error for what is no command */
  constructor(command: (values: ArrayLike<number>) => void, tell: (event: RobotEvent) => void) {
    this.#command = command;
    this.#tell = tell;
  }

  /** @returns when the driver is through, also after it was aborted. @throws what the driver throws */
  async carryOut(driver: RobotDriver, seed: Seed | undefined, options: Info): Promise<void> {
    await driver.reset?.(this.#context(seed, options));
  }

  tick(sample: RobotSample | undefined): void {
    for (const { resolve } of this.#ticks.splice(0)) resolve(sample);
  }

  confirm(): void {
    this.#confirmations.shift()?.resolve();
  }

  abort(reason: Error): void {
    if (this.#abort.signal.aborted) return;
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
        this.#command(values);
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
