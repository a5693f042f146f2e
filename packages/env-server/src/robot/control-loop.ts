/**
 * The robot's heart: one tick after another at a fixed rate, whatever its clients do. At each tick the newest sample
 * is read and a command is written; who may command, and what is commanded when nobody does, is decided here.
 */
import type { Info, Seed } from '@gymwire/protocol';
import { unpackDict } from '../threads/portable.ts';
import type { Clock } from './clock.ts';
import { DriverPort, type Limited, messageOf } from './driver-port.ts';
import { ResetRun } from './reset-run.ts';
import type { RobotDriver } from './robot-driver.ts';
import type { LoopSettings, Observed, RobotEvent, RobotRequest } from './robot-messages.ts';

type Phase =
  /** Until a reset the robot gets the safe action. */
  | 'stopped'
  | 'resetting'
  /** Reset; the safe action until the first action comes. */
  | 'ready'
  | 'running'
  /** The safe action until the next action comes (afterStop: resume). */
  | 'suspended';

/** A step under way. */
interface Step {
  readonly id: number;
  readonly values: Float64Array;
  /** The tick at which it was carried out first. */
  appliedAt: number | undefined;
}

/** A wake-up at a tick's very time counts as this tick, rounding or not. */
const roundingMs = 1e-6;

export class ControlLoop {
  readonly #driver: RobotDriver;
  readonly #port: DriverPort;
  readonly #settings: LoopSettings;
  readonly #clock: Clock;
  readonly #tell: (event: RobotEvent) => void;
  #startMs = 0;
  #tick = 0;
  #tickDelayMs = 0;
  #cancelWake: () => void = () => undefined;
  #isClosed = false;

  #phase: Phase = 'stopped';
  #emergency: string | undefined;
  /** Also one that was aborted, until the driver has come back from it. */
  #reset: ResetRun | undefined;
  #step: Step | undefined;
  /** Of the last action: the target, when it came, and the tick at which it was carried out first. */
  #target: ArrayLike<number>;
  #actionAtMs = 0;
  #appliedAt = 0;
  #limited: Limited;
  #commandBefore: Float64Array;
  /** Since the last observation that was handed out. */
  #counts = { lateTicks: 0, missedTicks: 0, overruns: 0 };
  #stoppedBy = '';

  constructor(driver: RobotDriver, settings: LoopSettings, clock: Clock, tell: (event: RobotEvent) => void) {
    this.#driver = driver;
    this.#settings = settings;
    this.#clock = clock;
    this.#tell = tell;
    this.#port = new DriverPort(driver, settings, {
      onFault: (message) => this.#fault(message),
      onStopFault: (message) => tell({ kind: 'driver-fault', message }),
    });
    this.#commandBefore = this.#port.command;
    this.#target = settings.safeAction;
    this.#limited = unlimited(settings.safeAction.length);
  }

  /** The first tick comes a period later. */
  start(): void {
    this.#startMs = this.#clock.now();
    this.#schedule();
  }

  handle(request: RobotRequest): void {
    switch (request.kind) {
      case 'reset':
        return this.#startReset(request.id, request.seed, unpackDict(request.options));
      case 'action':
        return this.#takeAction({ id: request.id, values: request.values, appliedAt: undefined });
      case 'release':
        return this.#release(request.reason, request.mayResume);
      case 'emergency-stop':
        this.#latch(request.reason);
        return this.#actAtOnce();
      case 'clear-emergency-stop':
        return this.#clearEmergency();
      case 'confirm':
        return this.#reset?.confirm();
    }
  }

  /** The safe action once more, then no ticks any more. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelWake();
    this.#end('the robot was closed');
    this.#actAtOnce();
    await this.#driver.close?.();
  }

  #schedule(): void {
    if (this.#isClosed) return;
    // Counted from the start, so that lateness does not add up.
    const nextMs = this.#startMs + (this.#tick + 1) * this.#settings.periodMs;
    this.#cancelWake = this.#clock.wake(nextMs, () => this.#wake());
  }

  #wake(): void {
    const { periodMs } = this.#settings;
    const now = this.#clock.now();
    const due = Math.floor((now - this.#startMs + roundingMs) / periodMs);
    if (due > this.#tick) {
      this.#counts.missedTicks += due - this.#tick - 1;
      this.#tick = due;
      this.#tickDelayMs = Math.max(0, now - (this.#startMs + due * periodMs));
      this.#runTick(now);
      if (this.#clock.now() - now > periodMs) this.#counts.overruns += 1;
    }
    this.#schedule();
  }

  #runTick(now: number): void {
    this.#commandBefore = this.#port.command;
    const sample = this.#port.read();
    if (sample?.emergencyStop !== undefined) this.#latch(sample.emergencyStop);
    if (this.#phase === 'running') this.#watch(now);
    this.#writeNext();
    this.#reset?.tick(sample);
    this.#finishReset(now);
    this.#finishStep();
  }

  /** What ends a client's control. */
  #watch(now: number): void {
    const waitedMs = now - this.#actionAtMs;
    if (waitedMs + roundingMs >= this.#settings.watchdogMs) {
      this.#stop(`watchdog: no action for ${Math.round(waitedMs)} ms`, true);
    } else if (!this.#port.isFresh) {
      this.#stop(`stale observation: ${Math.round(this.#port.sample?.ageMs ?? 0)} ms old`, true);
    }
  }

  #stop(reason: string, mayResume: boolean): void {
    this.#phase = mayResume && this.#settings.afterStop === 'resume' ? 'suspended' : 'stopped';
    this.#stoppedBy = reason;
    this.#tell({ kind: 'stopped', reason });
  }

  /** Of a client's control, or of a reset under way; by whoever has the right to. */
  #end(reason: string): void {
    this.#phase = 'stopped';
    this.#stoppedBy = reason;
    this.#abortReset(reason);
  }

  #latch(reason: string): void {
    if (this.#emergency !== undefined) return;
    this.#emergency = reason;
    this.#tell({ kind: 'emergency-stop', reason });
    this.#end(`emergency stop: ${reason}`);
  }

  /** A driver that fails cannot be trusted with the next command. */
  #fault(message: string): void {
    if (this.#emergency !== undefined) return;
    this.#latch(message);
    this.#writeNext();
  }

  #clearEmergency(): void {
    if (this.#emergency === undefined) return;
    this.#emergency = undefined;
    this.#tell({ kind: 'emergency-stop-cleared' });
  }

  #release(reason: string, mayResume: boolean): void {
    if (this.#phase === 'stopped') return;
    if (mayResume && this.#phase !== 'resetting') {
      this.#stop(reason, true);
    } else {
      this.#end(reason);
      this.#tell({ kind: 'stopped', reason });
    }
    this.#actAtOnce();
  }

  /** What has changed between two ticks does not wait for the next one. */
  #actAtOnce(): void {
    this.#commandBefore = this.#port.command;
    this.#writeNext();
    this.#finishStep();
  }

  #writeNext(): void {
    if (this.#emergency !== undefined) return this.#port.writeEmergencyStop(this.#emergency);
    if (this.#phase === 'running') return this.#writeAction();
    const target = this.#phase === 'resetting' ? this.#reset?.target : undefined;
    if (target === undefined) this.#port.writeSafe();
    else this.#port.writeLimited(target, 'reset');
  }

  #writeAction(): void {
    const step = this.#step;
    if (step !== undefined && step.appliedAt === undefined) {
      step.appliedAt = this.#tick;
      this.#appliedAt = this.#tick;
      this.#target = step.values;
      this.#limited = this.#port.writeLimited(step.values, 'action');
      return;
    }
    // The tick after an action brings its observation; only the one after that could have brought the next action.
    const isLate = this.#tick - this.#appliedAt > 1;
    if (isLate) this.#counts.lateTicks += 1;
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

  #takeAction(step: Step): void {
    if (this.#phase === 'ready' || this.#phase === 'suspended') this.#phase = 'running';
    this.#step = step;
    this.#actionAtMs = this.#clock.now();
    this.#finishStep();
  }

  /** Hands out the observation of the tick after the action, or the last one when the action has no future. */
  #finishStep(): void {
    const step = this.#step;
    if (step === undefined) return;
    const isDue = step.appliedAt !== undefined && step.appliedAt < this.#tick;
    if (this.#phase === 'running' && !isDue) return;
    this.#step = undefined;
    this.#hand(step.id);
  }

  #startReset(id: number, seed: Seed | undefined, options: Info): void {
    if (this.#settings.clientMayClearStop && options['clear_emergency_stop'] === true) this.#clearEmergency();
    this.#end('a reset');
    this.#actAtOnce();
    if (this.#emergency !== undefined) {
      const message = `the robot is stopped (${this.#emergency}) until the emergency stop is cleared`;
      return this.#tell({ kind: 'failed', id, message });
    }
    if (this.#reset !== undefined) {
      return this.#tell({ kind: 'failed', id, message: 'the reset before has not come to its end yet' });
    }
    const reset = new ResetRun(id, this.#tell);
    this.#reset = reset;
    this.#phase = 'resetting';
    reset
      .carryOut(this.#driver, seed, options, () => this.#clock.now())
      .catch((thrown: unknown) => {
        // One that was aborted is over for its client already.
        if (reset.isAborted) this.#reset = undefined;
        else this.#failReset(reset, messageOf(thrown));
      });
  }

  #abortReset(reason: string): void {
    const reset = this.#reset;
    if (reset === undefined || reset.isAborted) return;
    reset.abort(new Error(reason));
    this.#tellFailed(reset, reason);
    if (reset.doneAtMs !== undefined) this.#reset = undefined;
  }

  #failReset(reset: ResetRun, reason: string): void {
    this.#reset = undefined;
    this.#end(reason);
    this.#actAtOnce();
    this.#tellFailed(reset, reason);
  }

  #tellFailed({ id }: ResetRun, reason: string): void {
    this.#tell({ kind: 'failed', id, message: `the reset failed: ${reason}` });
  }

  /** A reset is over with the first fresh sample after it. */
  #finishReset(now: number): void {
    const reset = this.#reset;
    if (reset?.doneAtMs === undefined) return;
    if (this.#port.isFresh) {
      this.#reset = undefined;
      this.#phase = 'ready';
      this.#stoppedBy = '';
      this.#limited = unlimited(this.#target.length);
      return this.#hand(reset.id);
    }
    const { observationTimeoutMs } = this.#settings;
    if (now - reset.doneAtMs < observationTimeoutMs) return;
    const { sample } = this.#port;
    const got = sample === undefined ? 'none came' : `the last one is ${Math.round(sample.ageMs)} ms old`;
    this.#failReset(reset, `expected a fresh observation within ${observationTimeoutMs} ms; ${got}`);
  }

  #hand(id: number): void {
    const { sample } = this.#port;
    if (sample === undefined) {
      return this.#tell({ kind: 'failed', id, message: 'the robot has not sent an observation yet' });
    }
    const observed: Observed = {
      ...sample,
      tick: this.#tick,
      timeMs: this.#tick * this.#settings.periodMs + this.#tickDelayMs,
      tickDelayMs: this.#tickDelayMs,
      command: this.#commandBefore,
      ...this.#limited,
      ...this.#counts,
      stoppedBy: this.#stoppedBy,
      isOver: this.#phase === 'stopped',
    };
    this.#counts = { lateTicks: 0, missedTicks: 0, overruns: 0 };
    if (this.#phase !== 'stopped') this.#stoppedBy = '';
    this.#tell({ kind: 'observed', id, observed });
  }
}

function unlimited(size: number): Limited {
  const none = Array.from({ length: size }, () => false);
  return { rangeLimited: none, rateLimited: none };
}
