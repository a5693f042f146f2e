/**
 * The newest sample and its age. The age counts from when the sample was measured, as far as the driver tells, or from
 * when it was handed out: whatever a driver does once its sensor is silent, the age grows.
 */
import type { RobotSample } from './robot-driver.ts';

/** What a read brought. `older`: by its time stamp it was measured before the newest one, which stays the newest. */
export type Sighting = 'new' | 'again' | 'none' | 'older';

/** A time stamp may be ahead of the clock by this much: it was rounded. */
const aheadMs = 1;
/** The same time before or after rounding. */
const roundingMs = 1e-6;

const instead: Readonly<Record<Sighting, string>> = {
  new: '',
  again: '; since then the driver has handed out this sample again and again',
  none: '; since then the driver has handed out none',
  older: '; since then the driver has handed out older ones',
};

export class SensorWatch {
  readonly #size: number;
  readonly #maxAgeMs: number;
  #values: Float64Array | undefined;
  #measuredAtMs = 0;
  #cameAtMs = Number.NEGATIVE_INFINITY;
  /** The sample as the driver handed it out, and what it said then: objects may be written again. */
  #handed:
    | { readonly sample: RobotSample; readonly values: ArrayLike<number>; readonly ageMs: unknown }
    | undefined;
  #stampMs: number | undefined;
  #mayGoBack = false;
  #lastSighting: Sighting = 'none';

  constructor(size: number, maxAgeMs: number) {
    this.#size = size;
    this.#maxAgeMs = maxAgeMs;
  }

  /** Values of the newest sample; undefined: none has come yet. */
  get values(): Float64Array | undefined {
    return this.#values;
  }

  /** When the newest sample was handed out. */
  get cameAtMs(): number {
    return this.#cameAtMs;
  }

  ageAt(nowMs: number): number {
    return this.#values === undefined ? Number.POSITIVE_INFINITY : Math.max(0, nowMs - this.#measuredAtMs);
  }

  isFreshAt(nowMs: number): boolean {
    return this.ageAt(nowMs) <= this.#maxAgeMs + roundingMs;
  }

  /** How old it is, and what came instead of a newer one. */
  describeAt(nowMs: number): string {
    if (this.#values === undefined) return 'none came';
    return `${Math.round(this.ageAt(nowMs))} ms old${instead[this.#lastSighting]}`;
  }

  /** A reset begins: time stamps may start anew, once. */
  restart(): void {
    this.#mayGoBack = true;
  }

  /**
   * @param handed what the driver's `read` gave
   * @throws Error saying what a sample must be and what came; the newest one stays
   */
  take(handed: RobotSample | null | undefined, nowMs: number): Sighting {
    this.#lastSighting = handed === undefined || handed === null ? 'none' : this.#takeSample(handed, nowMs);
    return this.#lastSighting;
  }

  #takeSample(sample: RobotSample, nowMs: number): Sighting {
    const values = checkedValues(sample, this.#size);
    const ageMs = sample.ageMs ?? undefined;
    const stampMs = sample.measuredAtMs ?? undefined;
    const measuredAtMs =
      stampMs === undefined ? nowMs - checkedAge(ageMs) : this.#checkedStamp(sample, nowMs);
    const sighting = stampMs === undefined ? this.#compare(sample, values) : this.#order(stampMs);
    if (sighting !== 'new') return sighting;
    this.#values = values;
    this.#measuredAtMs = measuredAtMs;
    this.#cameAtMs = nowMs;
    this.#handed = { sample, values: sample.values, ageMs };
    return 'new';
  }

  /**
   * Without a time stamp a sample is known by its object. Where nothing tells its age, an array that holds the same
   * numbers is the same sample too: a driver that keeps the newest message may wrap it anew at each read.
   */
  #compare(sample: RobotSample, values: Float64Array): Sighting {
    const handed = this.#handed;
    const ageMs = sample.ageMs ?? undefined;
    if (handed === undefined || ageMs !== handed.ageMs) return 'new';
    const isSame = sample === handed.sample || (ageMs === undefined && sample.values === handed.values);
    return isSame && values.every((value, i) => value === this.#values?.[i]) ? 'again' : 'new';
  }

  #order(stampMs: number): Sighting {
    const last = this.#stampMs;
    if (stampMs === last) return 'again';
    if (last !== undefined && stampMs < last && !this.#mayGoBack) return 'older';
    this.#stampMs = stampMs;
    this.#mayGoBack = false;
    return 'new';
  }

  #checkedStamp({ ageMs, measuredAtMs: stampMs }: RobotSample, nowMs: number): number {
    if (ageMs !== undefined && ageMs !== null) {
      throw new Error('expected a sample with an ageMs or a measuredAtMs, got both');
    }
    const clock = `the loop's clock (performance.now() in the driver's thread), which shows ${nowMs.toFixed(1)} ms`;
    const complain = (got: string): Error =>
      new Error(`expected a sample's measuredAtMs by ${clock}; got ${got}`);
    if (typeof stampMs !== 'number' || !Number.isFinite(stampMs)) {
      throw complain(`${typeof stampMs} ${String(stampMs)}`);
    }
    const ofUnit = guessUnit(stampMs, nowMs, this.#maxAgeMs);
    if (stampMs > nowMs + aheadMs) {
      throw complain(`${stampMs}, which has not come yet${ofUnit ?? ': is it of another clock?'}`);
    }
    if (nowMs - stampMs > this.#maxAgeMs && ofUnit !== undefined) throw complain(`${stampMs}${ofUnit}`);
    return Math.min(stampMs, nowMs);
  }
}

function checkedValues(sample: RobotSample, size: number): Float64Array {
  if (typeof sample !== 'object' || typeof sample.values !== 'object' || sample.values === null) {
    throw new Error(`expected a sample { values }, got ${describeOdd(sample)}`);
  }
  const values = Float64Array.from(sample.values);
  if (values.length !== size) throw new Error(`expected a sample of ${size} numbers, got ${values.length}`);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new Error(`number ${wrong} of the sample is ${values[wrong]}`);
  return values;
}

function checkedAge(ageMs: number | undefined): number {
  if (ageMs === undefined) return 0;
  if (typeof ageMs === 'number' && ageMs >= 0) return ageMs;
  throw new Error(`expected a sample's age of 0 ms or more, got ${String(ageMs)}`);
}

/** Finds out whether a time stamp would be about now in another unit; a clock that has just started shows about 0 in all. */
function guessUnit(stampMs: number, nowMs: number, maxAgeMs: number): string | undefined {
  const toleranceMs = Math.min(maxAgeMs, nowMs / 100);
  const units = { seconds: 1000, microseconds: 1e-3, nanoseconds: 1e-6 };
  const unit = Object.entries(units).find(([, inMs]) => Math.abs(stampMs * inMs - nowMs) <= toleranceMs);
  return unit === undefined ? undefined : `, which looks like ${unit[0]}`;
}

function describeOdd(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`;
  return `an object with ${Object.keys(value).join(', ') || 'nothing'}`;
}
