/** A client's actions on their way to the robot: each is commanded once, then held, then the next one is late. */
import type { CommandKind } from './robot-driver.ts';
import type { LoopSettings } from './robot-messages.ts';

/** A step under way. */
interface Step {
  readonly id: number;
  readonly values: Float64Array;
  /** The tick at which it was carried out first. */
  appliedAt: number | undefined;
}

interface Next {
  readonly as: CommandKind;
  /** To be limited, unless it is the safe action. */
  readonly target: ArrayLike<number>;
}

export class ActionRun {
  readonly #settings: LoopSettings;
  #step: Step | undefined;
  /** The last action: the target, when it came, and the tick at which it was carried out first. */
  #target: ArrayLike<number>;
  #cameAtMs = 0;
  #appliedAt = 0;
  #lateTicks = 0;

  constructor(settings: LoopSettings) {
    this.#settings = settings;
    this.#target = settings.safeAction;
  }

  /** Since the last action came. */
  waitedMs(nowMs: number): number {
    return nowMs - this.#cameAtMs;
  }

  /** @returns the id of a step that this one came upon, which has no answer yet */
  take(id: number, values: Float64Array, nowMs: number): number | undefined {
    const before = this.#step?.id;
    this.#step = { id, values, appliedAt: undefined };
    this.#cameAtMs = nowMs;
    return before;
  }

  /** What a client in control gets at a tick. */
  next(tick: number): Next {
    const step = this.#step;
    if (step !== undefined && step.appliedAt === undefined) {
      step.appliedAt = tick;
      this.#appliedAt = tick;
      this.#target = step.values;
      return { as: 'action', target: step.values };
    }
    // The tick after an action brings its observation; only the one after that could have brought the next action.
    const isLate = tick - this.#appliedAt > 1;
    if (isLate) this.#lateTicks += 1;
    switch (isLate ? this.#settings.lateActions : 'hold') {
      case 'hold':
        return { as: 'hold', target: this.#target };
      case 'zero':
        return { as: 'zero', target: new Float64Array(this.#target.length) };
      case 'safe':
        return { as: 'safe', target: this.#settings.safeAction };
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
