/** The driver of a scenario table: does what the table's rows say, and writes down what it is told. */
import type { CommandKind, RobotDriver, RobotResetContext, RobotSample } from '../robot-driver.ts';
import type { ManualClock } from './fake-robot.ts';

/** What `read` hands out from now on; see test/golden/robot/README.md. */
export type Sensor =
  | 'live'
  | 'silent'
  | 'same'
  | 'once'
  | { readonly throws: string }
  | {
      readonly values: readonly number[];
      readonly ageMs?: number;
      /** Since the loop's start. */
      readonly measuredAtMs?: number;
      readonly emergencyStop?: string;
    };

/** What the driver's own reset does next. */
export type ResetDeed =
  | 'returns'
  | { readonly throws: string }
  | { readonly command: readonly number[] }
  | { readonly confirmed: string };

/** A command as a table has it: its kind, then its numbers; of an emergency stop, the reason. */
export type TableCommand = readonly [kind: CommandKind, ...number[]] | readonly ['emergency-stop', string];

export class ScenarioDriver implements RobotDriver {
  readonly #clock: ManualClock;
  readonly #startMs: number;
  readonly #doesStop: boolean;
  written: Array<{ readonly atMs: number; readonly command: TableCommand }> = [];
  /** What its reset noticed. */
  notes: string[] = [];
  sensor: Sensor = 'live';
  nextReadTakesMs = 0;
  write_: 'works' | 'throws' = 'works';
  nextWriteIsPending = false;
  isResetScripted = false;
  #kept: RobotSample | undefined;
  #pending: { resolve: () => void; reject: (reason: Error) => void } | undefined;
  #reset: { context: RobotResetContext; resolve: () => void; reject: (reason: Error) => void } | undefined;

  /** @param doesStop whether `emergencyStop` works, instead of throwing */
  constructor(clock: ManualClock, doesStop: boolean) {
    this.#clock = clock;
    this.#startMs = clock.now();
    this.#doesStop = doesStop;
  }

  read(): RobotSample | undefined {
    if (this.nextReadTakesMs > 0) this.#clock.stall(this.nextReadTakesMs);
    this.nextReadTakesMs = 0;
    const { sensor } = this;
    switch (sensor) {
      case 'live':
        return { values: [0, 0] };
      case 'silent':
        return undefined;
      case 'same':
        return (this.#kept ??= { values: [0, 0] });
      case 'once':
        this.sensor = 'silent';
        return { values: [0, 0] };
      default:
        return this.#sample(sensor);
    }
  }

  write(command: Float64Array, kind: CommandKind): void | Promise<void> {
    this.#note([kind, ...command]);
    if (this.write_ === 'throws') throw new Error('the bus is gone');
    if (!this.nextWriteIsPending) return undefined;
    this.nextWriteIsPending = false;
    return new Promise((resolve, reject) => (this.#pending = { resolve, reject }));
  }

  emergencyStop(reason: string): void {
    if (!this.#doesStop) throw new Error('the bus is gone');
    this.#note(['emergency-stop', reason]);
  }

  reset(context: RobotResetContext): void | Promise<void> {
    if (!this.isResetScripted) return undefined;
    const { signal } = context;
    signal.addEventListener('abort', () => {
      this.notes.push(`aborted: ${signal.reason instanceof Error ? signal.reason.message : 'no reason'}`);
    });
    return new Promise((resolve, reject) => (this.#reset = { context, resolve, reject }));
  }

  endPending(how: 'ends' | 'fails'): void {
    if (how === 'ends') this.#pending?.resolve();
    else this.#pending?.reject(new Error('the bus is gone'));
  }

  act(deed: ResetDeed): void {
    const reset = this.#reset;
    if (reset === undefined) throw new Error('the table has the driver act outside of a reset');
    if (deed === 'returns') return reset.resolve();
    if ('throws' in deed) return reset.reject(new Error(deed.throws));
    if ('confirmed' in deed) return this.#waitConfirmed(reset.context, deed.confirmed);
    try {
      reset.context.command(deed.command);
    } catch {
      this.notes.push('refused');
    }
  }

  #waitConfirmed(context: RobotResetContext, message: string): void {
    const note = (what: string) => () => void this.notes.push(what);
    void context.confirmed(message).then(note('confirmed'), note('not confirmed'));
  }

  #sample(sensor: Exclude<Sensor, string>): RobotSample {
    if ('throws' in sensor) throw new Error(sensor.throws);
    const { measuredAtMs } = sensor;
    return {
      ...sensor,
      ...(measuredAtMs !== undefined && { measuredAtMs: this.#startMs + measuredAtMs }),
      values: [...sensor.values],
    };
  }

  #note(command: TableCommand): void {
    this.written.push({ atMs: this.#clock.now() - this.#startMs, command });
  }
}
