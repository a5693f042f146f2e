/**
 * The robot's heart: one tick after another at a fixed rate, whatever its clients do. At each tick the newest sample
 * is read and a command is written; who may command, and what is commanded when nobody does, is decided here.
 */

import { unpackDict } from '@gymwire/env/host';
import { type Info, messageOf, type Seed } from '@gymwire/protocol';
import { ActionRun } from './action-run.ts';
import type { Clock } from './clock.ts';
import { DriverPort } from './driver-port.ts';
import { ResetRun } from './reset-run.ts';
import type { RobotDriver } from './robot-driver.ts';
import type { LoopSettings, Observed, RobotEvent, RobotRequest } from './robot-messages.ts';
import { TickGrid } from './tick-grid.ts';

type Phase =
  /** Until a reset the robot gets the safe action. */
  | 'stopped'
  | 'resetting'
  /** Reset; the safe action until the first action comes. */
  | 'ready'
  | 'running'
  /** The safe action until the next action comes (afterStop: resume). */
  | 'suspended';

/** The same time before or after rounding. */
const roundingMs = 1e-6;

export class ControlLoop {
  readonly #driver: RobotDriver;
  readonly #port: DriverPort;
  readonly #settings: LoopSettings;
  readonly #clock: Clock;
  readonly #tell: (event: RobotEvent) => void;
  readonly #grid: TickGrid;
  readonly #actions: ActionRun;
  #isClosed = false;

  #phase: Phase = 'stopped';
  #emergency: string | undefined;
  /** Also one that was aborted, until the driver has come back from it. */
  #reset: ResetRun | undefined;
  #commandBefore: Float64Array;
  #stoppedBy = '';

  constructor(driver: RobotDriver, settings: LoopSettings, clock: Clock, tell: (event: RobotEvent) => void) {
    this.#driver = driver;
    this.#settings = settings;
    this.#clock = clock;
    this.#tell = tell;
    this.#port = new DriverPort(driver, settings, clock, {
      onFault: (message) => this.#fault(message),
      onStopFault: (message) => tell({ kind: 'driver-fault', message }),
      onOddity: (message) => tell({ kind: 'report', message }),
    });
    this.#actions = new ActionRun(this.#port, settings);
    this.#grid = new TickGrid(settings.periodMs, clock, {
      onTick: () => this.#runTick(),
      onFault: (thrown) => this.#fault(`the control loop failed: ${messageOf(thrown)}`),
    });
    this.#commandBefore = this.#port.command;
  }

  /** The first tick comes a period later. */
  start(): void {
    this.#grid.start();
  }

  handle(request: RobotRequest): void {
    switch (request.kind) {
      case 'reset':
        return this.#startReset(request.id, request.seed, unpackDict(request.options));
      case 'action':
        return this.#takeAction(request.id, request.values);
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
    this.#grid.end();
    this.#end('the robot was closed');
    this.#actAtOnce();
    await this.#driver.close?.();
  }

  #runTick(): void {
    this.#commandBefore = this.#port.command;
    const sample = this.#port.read();
    // Not the time before: a read that took long has taken of the watchdog's time.
    const now = this.#clock.now();
    if (sample?.emergencyStop !== undefined && sample.emergencyStop !== null)
      this.#latch(sample.emergencyStop);
    if (this.#phase === 'running') this.#watch(now);
    if (this.#phase === 'resetting') this.#watchReset(now);
    this.#writeNext();
    this.#reset?.tick(sample);
    this.#finishReset(now);
    this.#finishStep();
  }

  /** What ends a client's control. */
  #watch(now: number): void {
    const waitedMs = this.#actions.waitedMs(now);
    if (waitedMs + roundingMs >= this.#settings.watchdogMs) {
      this.#stop(`watchdog: no action for ${Math.round(waitedMs)} ms`, true);
    } else if (!this.#port.sensor.isFreshAt(now)) {
      this.#stop(`stale observation: ${this.#port.sensor.describeAt(now)}`, true);
    }
  }

  /** A reset may bring a silent sensor back, but not move the robot for longer than a client may. */
  #watchReset(now: number): void {
    const reset = this.#reset;
    const isBlind = !this.#port.sensor.isFreshAt(now);
    if (reset?.target === undefined || !isBlind) return;
    if (now - reset.startedAtMs <= this.#settings.maxObservationAgeMs + roundingMs) return;
    const reason = `stale observation: ${this.#port.sensor.describeAt(now)}`;
    this.#end(reason);
    this.#tell({ kind: 'stopped', reason });
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
    if (this.#phase === 'running') return this.#actions.write(this.#grid.tick);
    const target = this.#phase === 'resetting' ? this.#reset?.target : undefined;
    if (target === undefined) this.#port.writeSafe();
    else this.#port.writeLimited(target, 'reset');
  }

  #takeAction(id: number, values: Float64Array): void {
    let before: number | undefined;
    try {
      before = this.#actions.take(id, values, this.#clock.now());
    } catch (thrown) {
      return this.#tell({ kind: 'failed', id, message: messageOf(thrown) });
    }
    if (before !== undefined) {
      this.#tell({ kind: 'failed', id: before, message: 'another action came before this one was answered' });
    }
    if (this.#phase === 'ready' || this.#phase === 'suspended') this.#phase = 'running';
    this.#finishStep();
  }

  /** Hands out the observation of the tick after the action, or the last one when the action has no future. */
  #finishStep(): void {
    const id = this.#actions.takeFinished(this.#grid.tick, this.#phase === 'running');
    if (id !== undefined) this.#hand(id);
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
    this.#port.restart();
    const reset = new ResetRun(id, this.#clock.now(), this.#settings.safeAction.length, this.#tell);
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

  /** A reset is over with the first fresh sample that comes after it. */
  #finishReset(now: number): void {
    const reset = this.#reset;
    if (reset?.doneAtMs === undefined) return;
    const { sensor } = this.#port;
    if (sensor.cameAtMs > reset.doneAtMs && sensor.isFreshAt(now)) {
      this.#reset = undefined;
      this.#phase = 'ready';
      this.#stoppedBy = '';
      this.#actions.restart();
      return this.#hand(reset.id);
    }
    const { observationTimeoutMs } = this.#settings;
    if (now - reset.doneAtMs < observationTimeoutMs) return;
    const got = sensor.values === undefined ? 'none came' : `the last one is ${sensor.describeAt(now)}`;
    this.#failReset(reset, `expected a fresh observation within ${observationTimeoutMs} ms; ${got}`);
  }

  #hand(id: number): void {
    const { values } = this.#port.sensor;
    if (values === undefined) {
      return this.#tell({ kind: 'failed', id, message: 'the robot has not sent an observation yet' });
    }
    const observed: Observed = {
      values,
      ageMs: this.#port.sensor.ageAt(this.#clock.now()),
      tick: this.#grid.tick,
      timeMs: this.#grid.timeMs,
      tickDelayMs: this.#grid.delayMs,
      command: this.#commandBefore,
      ...this.#actions.limited,
      lateTicks: this.#actions.takeLateTicks(),
      ...this.#grid.takeCounts(),
      stoppedBy: this.#stoppedBy,
      isOver: this.#phase === 'stopped',
    };
    if (this.#phase !== 'stopped') this.#stoppedBy = '';
    this.#tell({ kind: 'observed', id, observed });
  }
}
