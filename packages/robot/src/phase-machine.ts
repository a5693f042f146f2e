/**
 * Who may command the robot, and what it gets when nobody may. What happens goes in, each with its time; what is to be
 * done comes out. It knows no clock, no driver and no promise: the control loop gives it ticks and does what it says.
 *
 * What a call returns is to be carried out in this order, and then what `settle` returns: a driver that fails meanwhile
 * is an event of its own (`fault`), which changes how a step is answered.
 */
import { checkedTarget, limitAction } from './action-limiter.ts';
import { ActionRun } from './action-run.ts';
import type { CommandKind } from './robot-driver.ts';
import type { LoopSettings, Observed, RobotEvent } from './robot-messages.ts';
import type { SensorWatch } from './sensor-watch.ts';

export type Phase =
  /** Until a reset the robot gets the safe action. */
  | 'stopped'
  | 'resetting'
  /** Reset; the safe action until the first action comes. */
  | 'ready'
  | 'running'
  /** The safe action until the next action comes (afterStop: resume). */
  | 'suspended';

/** What an observation is told with, beside what the sensor and the tick grid say. */
export type Outcome = Pick<
  Observed,
  'command' | 'rangeLimited' | 'rateLimited' | 'lateTicks' | 'stoppedBy' | 'isOver'
>;

export type PhaseOutput =
  | { readonly kind: 'command'; readonly as: CommandKind; readonly command: Float64Array }
  /** The driver's emergency stop. */
  | { readonly kind: 'stop'; readonly reason: string }
  /** The signal of the driver's reset. */
  | { readonly kind: 'abort-reset'; readonly reason: string }
  /** The newest observation answers a step or a reset. */
  | { readonly kind: 'answer'; readonly id: number; readonly outcome: Outcome }
  | { readonly kind: 'tell'; readonly event: RobotEvent };

/** What it needs to know of the newest sample. */
export type Sensor = Pick<SensorWatch, 'values' | 'cameAtMs' | 'isFreshAt' | 'describeAt'>;

type Limited = Pick<Observed, 'rangeLimited' | 'rateLimited'>;

interface Reset {
  readonly id: number;
  readonly startedAtMs: number;
  /** What the driver wants commanded; undefined: nothing. */
  target: Float64Array | undefined;
  /** When the driver was through; undefined: it is not. */
  doneAtMs: number | undefined;
  /** Over for its client; the driver has not come back from it. */
  isAborted: boolean;
}

/** The same time before or after rounding. */
const roundingMs = 1e-6;

export class PhaseMachine {
  readonly #settings: LoopSettings;
  readonly #sensor: Sensor;
  readonly #actions: ActionRun;
  #phase: Phase = 'stopped';
  #emergency: string | undefined;
  #reset: Reset | undefined;
  #tick = 0;
  /** What was commanded last, and last before the newest tick or event; the safe action before anything was. */
  #command: Float64Array;
  #commandBefore: Float64Array;
  /** The limits of the last action, when it was carried out first. */
  #limited: Limited;
  #stoppedBy = '';
  #out: PhaseOutput[] = [];

  constructor(settings: LoopSettings, sensor: Sensor) {
    this.#settings = settings;
    this.#sensor = sensor;
    this.#actions = new ActionRun(settings);
    this.#command = this.#commandBefore = Float64Array.from(settings.safeAction);
    this.#limited = unlimited(settings.safeAction.length);
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Before the sample is read. @param tick since the loop's start */
  beginTick(tick: number): void {
    this.#tick = tick;
    this.#commandBefore = this.#command;
  }

  /** Once it was read. @param emergencyStop why the robot wants to be stopped */
  tick(nowMs: number, emergencyStop?: string): PhaseOutput[] {
    if (emergencyStop !== undefined) this.#latch(emergencyStop);
    if (this.#phase === 'running') this.#watch(nowMs);
    else if (this.#phase === 'resetting') this.#watchReset(nowMs);
    this.#commandNext();
    return this.#flush();
  }

  /** A reset is over with the first fresh sample that comes after it. */
  endTick(nowMs: number): PhaseOutput[] {
    const reset = this.#reset;
    if (reset?.doneAtMs === undefined) return [];
    const sensor = this.#sensor;
    const { observationTimeoutMs } = this.#settings;
    if (sensor.cameAtMs > reset.doneAtMs && sensor.isFreshAt(nowMs)) {
      this.#reset = undefined;
      this.#phase = 'ready';
      this.#stoppedBy = '';
      this.#limited = unlimited(this.#command.length);
      this.#answer(reset.id);
    } else if (nowMs - reset.doneAtMs >= observationTimeoutMs) {
      const got = sensor.values === undefined ? 'none came' : `the last one is ${sensor.describeAt(nowMs)}`;
      this.#failReset(reset, `expected a fresh observation within ${observationTimeoutMs} ms; ${got}`);
    }
    return this.#flush();
  }

  /** Answers the step that is over: with the observation of the tick after its action, or the last one when it has no future. */
  settle(): PhaseOutput[] {
    const id = this.#actions.takeFinished(this.#tick, this.#phase === 'running');
    if (id !== undefined) this.#answer(id);
    return this.#flush();
  }

  /** @throws Error for what is no action */
  act(id: number, action: ArrayLike<number>, nowMs: number): PhaseOutput[] {
    const before = this.#actions.take(id, checkedTarget(action, this.#command.length), nowMs);
    if (before !== undefined) this.#fail(before, 'another action came before this one was answered');
    if (this.#phase === 'ready' || this.#phase === 'suspended') this.#phase = 'running';
    return this.#flush();
  }

  /** Whoever has the robot loses it, before `beginReset`. @param clearStop the client asks for the emergency stop's end */
  prepareReset(clearStop: boolean): PhaseOutput[] {
    if (clearStop && this.#settings.clientMayClearStop) this.#clear();
    this.#end('a reset');
    return this.#atOnce();
  }

  /** The driver's own reset may begin when the phase is `resetting` then. */
  beginReset(id: number, nowMs: number): PhaseOutput[] {
    if (this.#emergency !== undefined) {
      this.#fail(id, `the robot is stopped (${this.#emergency}) until the emergency stop is cleared`);
    } else if (this.#reset !== undefined) {
      this.#fail(id, 'the reset before has not come to its end yet');
    } else {
      this.#reset = { id, startedAtMs: nowMs, target: undefined, doneAtMs: undefined, isAborted: false };
      this.#phase = 'resetting';
    }
    return this.#flush();
  }

  /** The driver's reset wants this commanded from the next tick on. @throws Error for what is no command */
  commandReset(values: ArrayLike<number>): void {
    const target = checkedTarget(values, this.#command.length);
    if (this.#reset?.doneAtMs === undefined && this.#reset?.isAborted === false) this.#reset.target = target;
  }

  /** The driver has come back from its reset, also from one that was aborted. @param failure what it threw */
  endReset(nowMs: number, failure?: string): PhaseOutput[] {
    const reset = this.#reset;
    if (reset === undefined) return [];
    if (reset.isAborted) {
      this.#reset = undefined;
    } else if (failure !== undefined) {
      this.#failReset(reset, failure);
    } else {
      reset.target = undefined;
      reset.doneAtMs = nowMs;
    }
    return this.#flush();
  }

  /** Nobody is in control any more. @param mayResume the client may come back (afterStop) */
  release(reason: string, mayResume: boolean): PhaseOutput[] {
    if (this.#phase === 'stopped') return [];
    if (mayResume && this.#phase !== 'resetting') {
      this.#stop(reason);
    } else {
      this.#end(reason);
      this.#tell({ kind: 'stopped', reason });
    }
    return this.#atOnce();
  }

  emergencyStop(reason: string): PhaseOutput[] {
    this.#latch(reason);
    return this.#atOnce();
  }

  clearEmergencyStop(): PhaseOutput[] {
    this.#clear();
    return this.#flush();
  }

  /** A driver that fails cannot be trusted with the next command. */
  fault(message: string): PhaseOutput[] {
    if (this.#emergency !== undefined) return [];
    this.#latch(message);
    this.#commandNext();
    return this.#flush();
  }

  /** The last commands. */
  close(): PhaseOutput[] {
    this.#end('the robot was closed');
    return this.#atOnce();
  }

  /** What ends a client's control. */
  #watch(nowMs: number): void {
    const waitedMs = this.#actions.waitedMs(nowMs);
    if (waitedMs + roundingMs >= this.#settings.watchdogMs) {
      this.#stop(`watchdog: no action for ${Math.round(waitedMs)} ms`);
    } else if (!this.#sensor.isFreshAt(nowMs)) {
      this.#stop(`stale observation: ${this.#sensor.describeAt(nowMs)}`);
    }
  }

  /** A reset may bring a silent sensor back, but not move the robot for longer than a client may. */
  #watchReset(nowMs: number): void {
    const reset = this.#reset;
    if (reset?.target === undefined || this.#sensor.isFreshAt(nowMs)) return;
    if (nowMs - reset.startedAtMs <= this.#settings.maxObservationAgeMs + roundingMs) return;
    const reason = `stale observation: ${this.#sensor.describeAt(nowMs)}`;
    this.#end(reason);
    this.#tell({ kind: 'stopped', reason });
  }

  #stop(reason: string): void {
    this.#phase = this.#settings.afterStop === 'resume' ? 'suspended' : 'stopped';
    this.#stoppedBy = reason;
    this.#tell({ kind: 'stopped', reason });
  }

  /** Ends a client's control, or of a reset under way; by whoever has the right to. */
  #end(reason: string): void {
    this.#phase = 'stopped';
    this.#stoppedBy = reason;
    const reset = this.#reset;
    if (reset === undefined || reset.isAborted) return;
    reset.isAborted = true;
    reset.target = undefined;
    this.#out.push({ kind: 'abort-reset', reason });
    this.#fail(reset.id, `the reset failed: ${reason}`);
    if (reset.doneAtMs !== undefined) this.#reset = undefined;
  }

  #latch(reason: string): void {
    if (this.#emergency !== undefined) return;
    this.#emergency = reason;
    this.#tell({ kind: 'emergency-stop', reason });
    this.#end(`emergency stop: ${reason}`);
  }

  #clear(): void {
    if (this.#emergency === undefined) return;
    this.#emergency = undefined;
    this.#tell({ kind: 'emergency-stop-cleared' });
  }

  #failReset({ id }: Reset, reason: string): void {
    this.#reset = undefined;
    this.#end(reason);
    this.#commandBefore = this.#command;
    this.#commandNext();
    this.#fail(id, `the reset failed: ${reason}`);
  }

  /** What has changed between two ticks does not wait for the next one. */
  #atOnce(): PhaseOutput[] {
    this.#commandBefore = this.#command;
    this.#commandNext();
    return this.#flush();
  }

  #commandNext(): void {
    if (this.#emergency !== undefined) {
      this.#command = Float64Array.from(this.#settings.safeAction);
      this.#out.push({ kind: 'stop', reason: this.#emergency });
    } else if (this.#phase === 'running') {
      const { as, target } = this.#actions.next(this.#tick);
      const limited = this.#commandLimited(as, target);
      if (as === 'action') this.#limited = limited;
    } else if (this.#phase === 'resetting' && this.#reset?.target !== undefined) {
      this.#commandLimited('reset', this.#reset.target);
    } else {
      this.#commandLimited('safe', this.#settings.safeAction);
    }
  }

  #commandLimited(as: CommandKind, target: ArrayLike<number>): Limited {
    const { command, ...limited } = limitAction(target, this.#command, this.#settings);
    // The safe action at once: rate limits are for those in control.
    this.#command = as === 'safe' ? Float64Array.from(target) : command;
    this.#out.push({ kind: 'command', as, command: this.#command });
    return limited;
  }

  #answer(id: number): void {
    if (this.#sensor.values === undefined) {
      this.#fail(id, 'the robot has not sent an observation yet');
      return;
    }
    // A step in the middle of a reset was not carried out either.
    const isOver = this.#phase === 'stopped' || this.#phase === 'resetting';
    const outcome: Outcome = {
      command: this.#commandBefore,
      ...this.#limited,
      lateTicks: this.#actions.takeLateTicks(),
      stoppedBy: this.#stoppedBy,
      isOver,
    };
    if (!isOver) this.#stoppedBy = '';
    this.#out.push({ kind: 'answer', id, outcome });
  }

  #fail(id: number, message: string): void {
    this.#tell({ kind: 'failed', id, message });
  }

  #tell(event: RobotEvent): void {
    this.#out.push({ kind: 'tell', event });
  }

  #flush(): PhaseOutput[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }
}

function unlimited(size: number): Limited {
  const none = Array.from({ length: size }, () => false);
  return { rangeLimited: none, rateLimited: none };
}
