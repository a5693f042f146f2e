/** What the driver's own reset uses while it is under way: ticks, commands, confirmations, and the signal that ends it. */
import { GymwireError, type Info, type Seed } from '@gymwire/protocol';
import type { RobotDriver, RobotResetContext, RobotSample } from './robot-driver.ts';
import type { RobotEvent } from './robot-messages.ts';

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (reason: Error) => void;
}

/** What a driver left behind hears: the reset that it was part of is over. Its code is CANCELLED. */
export class ResetOverError extends GymwireError {
  constructor() {
    super('CANCELLED', 'the reset is over');
  }
}

export class ResetRun {
  readonly #command: (values: ArrayLike<number>) => void;
  readonly #tell: (event: RobotEvent) => void;
  readonly #abort = new AbortController();
  #ticks: Array<Waiter<RobotSample | undefined>> = [];
  #confirmations: Array<Waiter<void>> = [];
  /** The driver has come back from it. */
  #isOver = false;

  /** @param command takes what the driver wants commanded. @throws Error for what is no command */
  constructor(command: (values: ArrayLike<number>) => void, tell: (event: RobotEvent) => void) {
    this.#command = command;
    this.#tell = tell;
  }

  /** @returns when the driver is through, also after it was aborted. @throws what the driver throws */
  async carryOut(driver: RobotDriver, seed: Seed | undefined, options: Info): Promise<void> {
    try {
      await driver.reset?.(this.#context(seed, options));
    } finally {
      this.#isOver = true;
      this.#reject(new ResetOverError());
    }
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
    this.#reject(reason);
  }

  #reject(reason: Error): void {
    for (const { reject } of [...this.#ticks.splice(0), ...this.#confirmations.splice(0)]) reject(reason);
  }

  /** @throws the signal's reason; ResetOverError */
  #throwIfOver(): void {
    this.#abort.signal.throwIfAborted();
    if (this.#isOver) throw new ResetOverError();
  }

  #context(seed: Seed | undefined, options: Info): RobotResetContext {
    const { signal } = this.#abort;
    const wait = <T>(queue: Array<Waiter<T>>) =>
      new Promise<T>((resolve, reject) => queue.push({ resolve, reject }));
    return {
      options,
      seed,
      signal,
      command: (values) => {
        this.#throwIfOver();
        this.#command(values);
      },
      nextTick: async () => {
        this.#throwIfOver();
        return wait(this.#ticks);
      },
      report: (message) => this.#tell({ kind: 'report', message }),
      confirmed: async (message) => {
        this.#throwIfOver();
        this.#tell({ kind: 'instruction', message });
        return wait(this.#confirmations);
      },
    };
  }
}
