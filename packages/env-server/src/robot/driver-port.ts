/** The driver as the control loop uses it: samples checked, commands limited, faults told instead of thrown. */
import { limitAction } from './action-limiter.ts';
import type { CommandKind, RobotDriver, RobotSample } from './robot-driver.ts';
import type { LoopSettings, Observed } from './robot-messages.ts';

export type Limited = Pick<Observed, 'rangeLimited' | 'rateLimited'>;

export interface DriverFaults {
  /** `read` or `write` threw, or a sample is none. */
  readonly onFault: (message: string) => void;
  /** `emergencyStop` threw. */
  readonly onStopFault: (message: string) => void;
}

export class DriverPort {
  readonly #driver: RobotDriver;
  readonly #settings: LoopSettings;
  readonly #faults: DriverFaults;
  #sample: Pick<Observed, 'values' | 'ageMs'> | undefined;
  #command: Float64Array;

  constructor(driver: RobotDriver, settings: LoopSettings, faults: DriverFaults) {
    this.#driver = driver;
    this.#settings = settings;
    this.#faults = faults;
    this.#command = Float64Array.from(settings.safeAction);
  }

  /** The newest one so far. */
  get sample(): Pick<Observed, 'values' | 'ageMs'> | undefined {
    return this.#sample;
  }

  get isFresh(): boolean {
    return this.#sample !== undefined && this.#sample.ageMs <= this.#settings.maxObservationAgeMs;
  }

  /** What was written last; the safe action before anything was. */
  get command(): Float64Array {
    return this.#command;
  }

  read(): RobotSample | undefined {
    try {
      const sample = this.#driver.read();
      if (sample !== undefined) this.#sample = checkedSample(sample, this.#settings.observationSize);
      return sample;
    } catch (thrown) {
      this.#faults.onFault(`the driver could not read: ${messageOf(thrown)}`);
      return undefined;
    }
  }

  writeLimited(target: ArrayLike<number>, kind: CommandKind): Limited {
    const { command, ...limited } = limitAction(target, this.#command, this.#settings);
    this.#write(command, kind);
    return limited;
  }

  /** At once: rate limits are for those in control. */
  writeSafe(): void {
    this.#write(Float64Array.from(this.#settings.safeAction), 'safe');
  }

  writeEmergencyStop(reason: string): void {
    if (this.#driver.emergencyStop === undefined) return this.writeSafe();
    this.#command = Float64Array.from(this.#settings.safeAction);
    try {
      this.#driver.emergencyStop(reason);
    } catch (thrown) {
      this.#faults.onStopFault(`the driver's emergencyStop failed: ${messageOf(thrown)}`);
      this.writeSafe();
    }
  }

  #write(command: Float64Array, kind: CommandKind): void {
    this.#command = command;
    try {
      this.#driver.write(command.slice(), kind);
    } catch (thrown) {
      this.#faults.onFault(`the driver could not write: ${messageOf(thrown)}`);
    }
  }
}

function checkedSample(sample: RobotSample, size: number): Pick<Observed, 'values' | 'ageMs'> {
  const values = Float64Array.from(sample.values);
  if (values.length !== size) throw new Error(`expected a sample of ${size} numbers, got ${values.length}`);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new Error(`number ${wrong} of the sample is ${values[wrong]}`);
  const { ageMs = 0 } = sample;
  if (!(ageMs >= 0)) throw new Error(`expected a sample's age of 0 ms or more, got ${ageMs}`);
  return { values, ageMs };
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
