/** Time that a test moves by hand, and a robot that writes down what it is told. */

import { packValue } from '@gymwire/env/host';
import type { Clock } from '../clock.ts';
import { ControlLoop } from '../control-loop.ts';
import type { CommandKind, RobotDriver, RobotResetContext, RobotSample } from '../robot-driver.ts';
import type { LoopSettings, Observed, RobotEvent } from '../robot-messages.ts';

export class ManualClock implements Clock {
  #nowMs = 1000;
  #wakes: Array<{ readonly atMs: number; readonly call: () => void }> = [];

  now(): number {
    return this.#nowMs;
  }

  wake(atMs: number, call: () => void): () => void {
    const entry = { atMs, call };
    this.#wakes.push(entry);
    return () => {
      this.#wakes = this.#wakes.filter((other) => other !== entry);
    };
  }

  /** When somebody is woken next; undefined: nobody waits. */
  get nextWakeMs(): number | undefined {
    return this.#wakes.length === 0 ? undefined : Math.min(...this.#wakes.map(({ atMs }) => atMs));
  }

  /** Time passes and wakes whom it reaches, each in its moment. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (;;) {
      const next = this.#wakes.filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#fire(next);
    }
    this.#nowMs = Math.max(this.#nowMs, end);
  }

  /** Time passes and nobody is woken until it is over: a machine that stood still. */
  stall(ms: number): void {
    this.#nowMs += ms;
    const due = this.#wakes.filter(({ atMs }) => atMs <= this.#nowMs);
    for (const entry of due) this.#fire(entry);
  }

  #fire(entry: { readonly call: () => void }): void {
    this.#wakes = this.#wakes.filter((other) => other !== entry);
    entry.call();
  }
}

export interface Written {
  readonly command: readonly number[];
  readonly kind: CommandKind | 'emergency-stop';
  /** Since the clock's start. */
  readonly atMs: number;
}

export class FakeDriver implements RobotDriver {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly written: Written[] = [];
  /** What a live sensor measures: handed out anew at each read. */
  sample: RobotSample | undefined = { values: [0, 0] };
  /** Stands in for `read`: a driver that is not what its type says, too. */
  handOut: (() => unknown) | undefined;
  onReset: ((context: RobotResetContext) => void | Promise<void>) | undefined;
  onRead: (() => void) | undefined;
  onWrite: (() => void) | undefined;
  calls: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.now();
  }

  open(): void {
    this.calls.push('open');
  }

  read(): RobotSample | undefined {
    this.onRead?.();
    if (this.handOut !== undefined) return this.handOut() as RobotSample | undefined;
    const { sample } = this;
    return sample === undefined ? undefined : { ...sample, values: Array.from(sample.values) };
  }

  write(command: Float64Array, kind: CommandKind): void {
    this.written.push({ command: [...command], kind, atMs: this.#clock.now() - this.#startMs });
    this.onWrite?.();
  }

  reset(context: RobotResetContext): void | Promise<void> {
    return this.onReset?.(context);
  }

  emergencyStop(reason: string): void {
    this.calls.push(`emergency stop: ${reason}`);
    this.written.push({ command: [], kind: 'emergency-stop', atMs: this.#clock.now() - this.#startMs });
  }

  close(): void {
    this.calls.push('close');
  }

  /** What was written last, as "kind command at time". */
  get last(): string {
    return describeWritten(this.written.at(-1));
  }

  /** All of it since the call before. */
  take(): string[] {
    return this.written.splice(0).map(describeWritten);
  }
}

function describeWritten(written: Written | undefined): string {
  if (written === undefined) return 'nothing';
  return `${written.kind} [${written.command.join(', ')}] at ${written.atMs}`;
}

/** 50 Hz, two joints, watchdog of 10 ticks. */
const testSettings: LoopSettings = {
  periodMs: 20,
  lateActions: 'hold',
  watchdogMs: 200,
  afterStop: 'truncate',
  clientMayClearStop: false,
  maxObservationAgeMs: 100,
  observationTimeoutMs: 100,
  observationSize: 2,
  safeAction: [0.5, -0.5],
  low: [-1, -2],
  high: [1, 2],
  maxChangePerTick: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
};

/** A loop on manual time with what it has told so far. */
export class LoopRig {
  readonly clock = new ManualClock();
  readonly driver = new FakeDriver(this.clock);
  readonly events: RobotEvent[] = [];
  readonly loop: ControlLoop;
  readonly settings: LoopSettings;
  #lastId = 0;

  constructor(
    settings: Partial<LoopSettings> = {},
    driver: (fake: FakeDriver) => RobotDriver = (fake) => fake,
  ) {
    this.settings = { ...testSettings, ...settings };
    const tell = (event: RobotEvent) => this.events.push(event);
    this.loop = new ControlLoop(driver(this.driver), this.settings, this.clock, tell);
    this.loop.start();
  }

  act(...values: number[]): number {
    const id = ++this.#lastId;
    this.loop.handle({ kind: 'action', id, values: Float64Array.from(values) });
    return id;
  }

  reset(options: Readonly<Record<string, boolean>> = {}): number {
    const id = ++this.#lastId;
    this.loop.handle({ kind: 'reset', id, seed: undefined, options: packValue(options) });
    return id;
  }

  /** Through a reset, to the tick that ends it. */
  async ready(): Promise<void> {
    const id = this.reset();
    await settle();
    this.clock.advance(20);
    this.observed(id);
    this.driver.take();
  }

  /** The answer to a request. @throws Error when it was another, or none */
  observed(id: number): Observed {
    const answer = this.answer(id);
    if (answer?.kind === 'observed') return answer.observed;
    throw new Error(`expected an observation, got ${JSON.stringify(answer)}`);
  }

  answer(id: number): RobotEvent | undefined {
    return this.events.find((event) => 'id' in event && event.id === id);
  }

  failure(id: number): string {
    const answer = this.answer(id);
    if (answer?.kind === 'failed') return answer.message;
    throw new Error(`expected a failure, got ${JSON.stringify(answer)}`);
  }
}

/** What awaits promises has gone on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
