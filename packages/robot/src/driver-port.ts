/** The driver as the control loop uses it: samples watched, faults told instead of thrown. */

import type { MaybePromise } from '@gymwire/env';
import { messageOf } from '@gymwire/protocol';
import type { Clock } from './clock.ts';
import { isPromiseLike, PendingCalls } from './pending-calls.ts';
import type { CommandKind, RobotDriver, RobotSample } from './robot-driver.ts';
import type { LoopSettings } from './robot-messages.ts';
import { SensorWatch } from './sensor-watch.ts';

export interface DriverFaults {
  /** `read` or `write` failed, or a sample is none. */
  readonly onFault: (message: string) => void;
  /** `emergencyStop` failed. */
  readonly onStopFault: (message: string) => void;
  /** What the driver does is odd, and the robot goes on. */
  readonly onOddity: (message: string) => void;
}

export class DriverPort {
  readonly sensor: SensorWatch;
  readonly #driver: RobotDriver;
  readonly #safeAction: Float64Array;
  readonly #clock: Clock;
  readonly #faults: DriverFaults;
  readonly #pending: PendingCalls;
  #isOddityTold = false;

  constructor(driver: RobotDriver, settings: LoopSettings, clock: Clock, faults: DriverFaults) {
    this.#driver = driver;
    this.#safeAction = Float64Array.from(settings.safeAction);
    this.#clock = clock;
    this.#faults = faults;
    this.#pending = new PendingCalls(settings.watchdogMs);
    this.sensor = new SensorWatch(settings.observationSize, settings.maxObservationAgeMs);
  }

  /** A reset begins. */
  restart(): void {
    this.sensor.restart();
    this.#isOddityTold = false;
  }

  /** Also looks after calls that have not come to their end. */
  read(): RobotSample | undefined {
    this.#pending.look(this.#clock.now());
    try {
      const sample = this.#driver.read() ?? undefined;
      refusePromise(sample);
      // A read takes time, in which the sample may have been measured.
      if (this.sensor.take(sample, this.#clock.now()) === 'older') this.#tellOlder();
      return sample;
    } catch (thrown) {
      this.#faults.onFault(`the driver could not read: ${messageOf(thrown)}`);
      return undefined;
    }
  }

  write(command: Float64Array, kind: CommandKind): void {
    this.#call(
      () => this.#driver.write(command.slice(), kind),
      (why) => this.#faults.onFault(`the driver could not write: ${why}`),
    );
  }

  writeEmergencyStop(reason: string): void {
    const { emergencyStop } = this.#driver;
    if (emergencyStop === undefined) return this.#writeSafe();
    this.#call(
      () => emergencyStop.call(this.#driver, reason),
      (why) => {
        this.#faults.onStopFault(`the driver's emergencyStop failed: ${why}`);
        this.#writeSafe();
      },
    );
  }

  #writeSafe(): void {
    this.write(this.#safeAction, 'safe');
  }

  #call(call: () => MaybePromise<void>, onFault: (why: string) => void): void {
    try {
      const result: unknown = call();
      if (!isPromiseLike(result)) return;
      this.#pending.add(result, this.#clock.now(), (thrown) => onFault(messageOf(thrown)), onFault);
    } catch (thrown) {
      onFault(messageOf(thrown));
    }
  }

  /** Once a reset: it may happen at every tick. */
  #tellOlder(): void {
    if (this.#isOddityTold) return;
    this.#isOddityTold = true;
    this.#faults.onOddity(
      'the driver handed out a sample whose measuredAtMs is before that of the one before: it is ignored, as are more of them',
    );
  }
}

/** It could not say whether the sensor is silent or only slow. */
function refusePromise(sample: unknown): void {
  if (!isPromiseLike(sample)) return;
  // Its rejection is nobody's any more.
  sample.then(undefined, () => undefined);
  throw new Error(
    'read gave a promise, and must answer at once: keep the newest sample as it comes in, and give undefined where there is none',
  );
}
