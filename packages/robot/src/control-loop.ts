/**
 * The robot's heart: one tick after another at a fixed rate, whatever its clients do. At each tick the newest sample
 * is read and a command is written. When ticks are is the grid's affair, what is commanded the phase machine's; here the
 * two meet the driver.
 */

import { unpackDict } from '@gymwire/env/host';
import { type Info, messageOf, type Seed } from '@gymwire/protocol';
import type { Clock } from './clock.ts';
import { DriverPort } from './driver-port.ts';
import { type Outcome, PhaseMachine, type PhaseOutput } from './phase-machine.ts';
import { ResetRun } from './reset-run.ts';
import type { RobotDriver } from './robot-driver.ts';
import type { LoopSettings, Observed, RobotEvent, RobotRequest } from './robot-messages.ts';
import { TickGrid } from './tick-grid.ts';

export class ControlLoop {
  readonly #driver: RobotDriver;
  readonly #port: DriverPort;
  readonly #clock: Clock;
  readonly #tell: (event: RobotEvent) => void;
  readonly #grid: TickGrid;
  readonly #machine: PhaseMachine;
  #isClosed = false;
  /** The last command is out, and none comes after it. */
  #isSilent = false;
  /** What the driver's reset uses; also after its end, until the next one. */
  #reset: ResetRun | undefined;

  constructor(driver: RobotDriver, settings: LoopSettings, clock: Clock, tell: (event: RobotEvent) => void) {
    this.#driver = driver;
    this.#clock = clock;
    this.#tell = tell;
    this.#port = new DriverPort(driver, settings, clock, {
      onFault: (message) => this.#fault(message),
      onStopFault: (message) => tell({ kind: 'driver-fault', message }),
      onOddity: (message) => tell({ kind: 'report', message }),
    });
    this.#machine = new PhaseMachine(settings, this.#port.sensor);
    this.#grid = new TickGrid(settings.periodMs, clock, {
      onTick: () => this.#runTick(),
      onFault: (thrown) => this.#fault(`the control loop failed: ${messageOf(thrown)}`),
    });
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
        return this.#do(this.#machine.release(request.reason, request.mayResume));
      case 'emergency-stop':
        return this.#do(this.#machine.emergencyStop(request.reason));
      case 'clear-emergency-stop':
        return this.#do(this.#machine.clearEmergencyStop());
      case 'confirm':
        if (this.#machine.phase === 'resetting') this.#reset?.confirm();
    }
  }

  /** The safe action once more, then no ticks any more. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#grid.end();
    this.#do(this.#machine.close());
    this.#isSilent = true;
    await this.#driver.close?.();
  }

  #runTick(): void {
    this.#machine.beginTick(this.#grid.tick);
    const sample = this.#port.read();
    // Not the time before: a read that took long has taken of the watchdog's time.
    const now = this.#clock.now();
    this.#do(this.#machine.tick(now, sample?.emergencyStop ?? undefined));
    if (this.#machine.phase === 'resetting') this.#reset?.tick(sample);
    this.#do(this.#machine.endTick(now));
  }

  #fault(message: string): void {
    this.#do(this.#machine.fault(message));
  }

  #takeAction(id: number, values: Float64Array): void {
    let outputs: PhaseOutput[];
    try {
      outputs = this.#machine.act(id, values, this.#clock.now());
    } catch (thrown) {
      return this.#tell({ kind: 'failed', id, message: messageOf(thrown) });
    }
    this.#do(outputs);
  }

  #startReset(id: number, seed: Seed | undefined, options: Info): void {
    this.#do(this.#machine.prepareReset(options['clear_emergency_stop'] === true));
    this.#do(this.#machine.beginReset(id, this.#clock.now()));
    if (this.#machine.phase !== 'resetting') return;
    this.#port.restart();
    const end = (failure?: string) => this.#do(this.#machine.endReset(this.#clock.now(), failure));
    this.#reset = new ResetRun((values) => this.#machine.commandReset(values), this.#tell);
    this.#reset.carryOut(this.#driver, seed, options).then(
      () => end(),
      (thrown: unknown) => end(messageOf(thrown)),
    );
  }

  /** What the machine says, and then what came of it: a driver may fail in between. */
  #do(outputs: readonly PhaseOutput[]): void {
    for (const output of outputs) this.#carryOut(output);
    for (const output of this.#machine.settle()) this.#carryOut(output);
  }

  #carryOut(output: PhaseOutput): void {
    switch (output.kind) {
      case 'command':
        if (!this.#isSilent) this.#port.write(output.command, output.as);
        return;
      case 'stop':
        if (!this.#isSilent) this.#port.writeEmergencyStop(output.reason);
        return;
      case 'abort-reset':
        return this.#reset?.abort(new Error(output.reason));
      case 'answer':
        return this.#hand(output.id, output.outcome);
      case 'tell':
        return this.#tell(output.event);
    }
  }

  #hand(id: number, outcome: Outcome): void {
    const { sensor } = this.#port;
    if (sensor.values === undefined) return;
    const observed: Observed = {
      values: sensor.values,
      ageMs: sensor.ageAt(this.#clock.now()),
      tick: this.#grid.tick,
      timeMs: this.#grid.timeMs,
      tickDelayMs: this.#grid.delayMs,
      ...outcome,
      ...this.#grid.takeCounts(),
    };
    this.#tell({ kind: 'observed', id, observed });
  }
}
