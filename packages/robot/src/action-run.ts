/** A client's actions on their way to the robot: each is written once, then held, then the next one is late. */
import { checkedTarget } from './action-limiter.ts';
import type { DriverPort, Limited } from './driver-port.ts';
import type { LoopSettings } from './robot-messages.ts';

/** A step under way. */
interface Step {
  readonly id: number;
  readonly values: Float64Array;
  /** The tick at which it was carried out first. */
  appliedAt: number | undefined;
}

export class ActionRun {
  readonly #port: DriverPort;
  readonly #settings: LoopSettings;
  #step: Step | undefined;
  /** Of the last action: the target, when it came, and the tick at which it was carried out first. */
  #target: ArrayLike<number>;
  #cameAtMs = 0;
  #appliedAt = 0;
  #limited: Limited;
  #lateTicks = 0;

  constructor(port: DriverPort, settings: LoopSettings) {
    this.#port = port;
    this.#settings = settings;
    this.#target = settings.safeAction;
    this.#limited = unlimited(settings.safeAction.length);
  }

  /** Of the last action, when it was carried out first. */
  get limited(): Limited {
    return this.#limited;
  }

  /** Since the last action came. */
  waitedMs(nowMs: number): number {
    return nowMs - this.#cameAtMs;
  }

  /** A new episode: nothing was limited yet. */
  restart(): void {
    this.#limited = unlimited(this.#target.length);
  }

  /** @returns the id of a step that this one came upon, which has no answer yet. @throws Error for what is no action */
  take(id: number, action: Float64Array, nowMs: number): number | undefined {
    const values = checkedTarget(action, this.#settings.safeAction.length);
    const before = this.#step?.id;
    this.#step = { id, values, appliedAt: undefined };
    this.#cameAtMs = nowMs;
    return before;
  }

  /** What a client in control gets at a tick. */
  write(tick: number): void {
    const step = this.#step;
    if (step !== undefined && step.appliedAt === undefined) {
      step.appliedAt = tick;
      this.#appliedAt = tick;
      this.#target = step.values;
      this.#limited = this.#port.writeLimited(step.values, 'action');
      return;
    }
    // The tick after an action brings its observation; only the one after that could have brought the next action.
    const isLate = tick - this.#appliedAt > 1;
    if (isLate) this.#lateTicks += 1;
    switch (isLate ? this.#settings.lateActions : 'hold') {
      case 'hold':
        this.#port.writeLimited(this.#target, 'hold');
        return;
      case 'zero':
        this.#port.writeLimited(new Float64Array(this.#target.length), 'zero');
        return;
      case 'safe':
        this.#port.writeSafe();
    }
  }

  /** The id of the step that is to be answered: at the tick after its first, or now when it has no future. */
  takeFinished(tick: number, isRunning: boolean): number | undefined {
    const step = this.#step;
    if (step === undefined) return undefined;
    const isDue = step.appliedAt !== undefined && step.appliedAt < tick;
    if (isRunning && !isDue) return undefined;
    this.#step = undefined;
    return step.id;
  }

  /** Ticks without an action where one was due, since the call before. */
  takeLateTicks(): number {
    const lateTicks = this.#lateTicks;
    this.#lateTicks = 0;
    return lateTicks;
  }
}

function unlimited(size: number): Limited {
  const none = Array.from({ length: size }, () => false);
  return { rangeLimited: none, rateLimited: none };
}
