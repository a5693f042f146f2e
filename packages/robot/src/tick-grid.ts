/** When ticks are. The grid is counted from the start, so that lateness does not add up. */
import type { Clock } from './clock.ts';

export interface TickHandler {
  readonly onTick: () => void;
  /** What `onTick` threw; ticks go on. */
  readonly onFault: (thrown: unknown) => void;
}

/** A wake-up at a tick's very time counts as this tick, rounding or not. */
const roundingMs = 1e-6;

export class TickGrid {
  readonly #periodMs: number;
  readonly #clock: Clock;
  readonly #handler: TickHandler;
  #startMs = 0;
  #tick = 0;
  #delayMs = 0;
  #missed = 0;
  #overruns = 0;
  #cancelWake: () => void = () => undefined;
  #isEnded = false;

  constructor(periodMs: number, clock: Clock, handler: TickHandler) {
    this.#periodMs = periodMs;
    this.#clock = clock;
    this.#handler = handler;
  }

  /** The number of the newest tick, since the start; those that did not take place are counted too. */
  get tick(): number {
    return this.#tick;
  }

  /** How long after its time the newest tick began. */
  get delayMs(): number {
    return this.#delayMs;
  }

  /** When the newest tick began, since the start. */
  get timeMs(): number {
    return this.#tick * this.#periodMs + this.#delayMs;
  }

  /** The first tick comes a period later. */
  start(): void {
    this.#startMs = this.#clock.now();
    this.#schedule();
  }

  end(): void {
    this.#isEnded = true;
    this.#cancelWake();
  }

  /** Since the call before: ticks that did not take place, and those that took longer than a period. */
  takeCounts(): { readonly missedTicks: number; readonly overruns: number } {
    const counts = { missedTicks: this.#missed, overruns: this.#overruns };
    this.#missed = 0;
    this.#overruns = 0;
    return counts;
  }

  #schedule(): void {
    if (this.#isEnded) return;
    const nextMs = this.#startMs + (this.#tick + 1) * this.#periodMs;
    this.#cancelWake = this.#clock.wake(nextMs, () => this.#wake());
  }

  #wake(): void {
    const now = this.#clock.now();
    const due = Math.floor((now - this.#startMs + roundingMs) / this.#periodMs);
    try {
      if (due > this.#tick) this.#run(due, now);
    } catch (thrown) {
      this.#handler.onFault(thrown);
    } finally {
      // Whatever happened: a loop that has stopped ticking cannot even stop the robot.
      this.#schedule();
    }
  }

  #run(due: number, now: number): void {
    this.#missed += due - this.#tick - 1;
    this.#tick = due;
    this.#delayMs = Math.max(0, now - (this.#startMs + due * this.#periodMs));
    this.#handler.onTick();
    if (this.#clock.now() - now > this.#periodMs) this.#overruns += 1;
  }
}
