/** Plays the scenario tables of test/golden/robot, which Python's robot plays as well. Their README says how to read them. */
import { readdirSync, readFileSync } from 'node:fs';
import { packValue } from '@gymwire/env/host';
import { ControlLoop } from '../control-loop.ts';
import type { LoopSettings, RobotEvent } from '../robot-messages.ts';
import { ManualClock, settle } from './fake-robot.ts';
import { type ResetDeed, ScenarioDriver, type Sensor, type TableCommand } from './scenario-driver.ts';

/** Only time passes: as it should, or (stall) without anybody being woken; `every`: one row for many ticks. */
type Passing = null | 'stall' | { readonly every: number };

type Deed =
  | 'confirm'
  | 'clearEmergencyStop'
  | 'close'
  | { readonly action: string; readonly values: readonly number[] }
  | { readonly reset: string; readonly clearEmergencyStop?: boolean }
  | { readonly release: string; readonly mayResume: boolean }
  | { readonly emergencyStop: string }
  | { readonly driver: ResetDeed }
  | { readonly sensor: Sensor }
  | { readonly readTakesMs: number }
  | { readonly write: 'works' | 'throws' }
  | { readonly nextWrite: 'pending' }
  | { readonly pendingWrite: 'ends' | 'fails' };

type Told = Readonly<Record<string, unknown>>;

type Row = readonly [timeMs: number, event: Passing | Deed, commands: readonly TableCommand[], told?: Told[]];

type Settings = Omit<LoopSettings, 'observationSize' | 'maxChangePerTick'> & {
  /** Null: no limit. */
  readonly maxChangePerTick: readonly number[] | null;
};

export interface Scenario {
  readonly name: string;
  readonly settings?: Partial<Settings>;
  readonly driver?: { readonly emergencyStop: 'missing' | 'throws' };
  readonly reset?: 'scripted';
  readonly startsReady?: boolean;
  readonly table: readonly Row[];
}

interface Family {
  readonly family: string;
  readonly scenarios: readonly Scenario[];
}

export interface Tables {
  readonly settings: Settings;
  readonly families: readonly Family[];
}

/** @throws Error when a table is missing, or one is there that the index does not list */
export function readTables(folder: URL): Tables {
  const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown;
  const index = read('index.json') as { families: string[]; settings: Settings };
  const families = index.families.map((name) => read(`${name}.json`) as Family);
  const listed = new Set(['index.json', ...index.families.map((name) => `${name}.json`)]);
  const unlisted = readdirSync(folder).filter((name) => name.endsWith('.json') && !listed.has(name));
  if (unlisted.length > 0) throw new Error(`tables that index.json does not list: ${unlisted.join(', ')}`);
  return { settings: index.settings, families };
}

/** What a row says, and what came of it, both in the form that is compared. */
export interface Played {
  readonly expected: unknown;
  readonly actual: unknown;
}

export class ScenarioPlayer {
  readonly #scenario: Scenario;
  readonly #clock = new ManualClock();
  readonly #startMs = this.#clock.now();
  readonly #driver: ScenarioDriver;
  readonly #loop: ControlLoop;
  readonly #names = new Map<number, string>();
  #events: RobotEvent[] = [];

  constructor(scenario: Scenario, defaults: Settings) {
    this.#scenario = scenario;
    const given = { ...defaults, ...scenario.settings };
    const settings: LoopSettings = {
      ...given,
      observationSize: 2,
      maxChangePerTick: given.maxChangePerTick ?? given.safeAction.map(() => Number.POSITIVE_INFINITY),
    };
    const { emergencyStop } = scenario.driver ?? {};
    const driver = new ScenarioDriver(this.#clock, emergencyStop === undefined);
    if (emergencyStop === 'missing') Object.assign(driver, { emergencyStop: undefined });
    this.#driver = driver;
    this.#loop = new ControlLoop(driver, settings, this.#clock, (event) => this.#events.push(event));
  }

  /** One row after the other. */
  async *play(): AsyncGenerator<Played> {
    this.#loop.start();
    let beforeMs = 0;
    if (this.#scenario.startsReady === true) {
      beforeMs = this.#clock.nextWakeMs! - this.#startMs;
      await this.#do({ reset: 'ready' });
      await this.#advanceTo(beforeMs);
      this.#forget();
    }
    this.#driver.isResetScripted = this.#scenario.reset === 'scripted';
    for (const row of this.#scenario.table) {
      const [timeMs, event] = row;
      await this.#pass(timeMs, event);
      yield this.#compare(row, beforeMs);
      beforeMs = timeMs;
      this.#forget();
    }
  }

  async #pass(timeMs: number, event: Row[1]): Promise<void> {
    if (event === 'stall') {
      this.#clock.stall(this.#startMs + timeMs - this.#clock.now());
      return settle();
    }
    await this.#advanceTo(timeMs);
    if (typeof event === 'string' || (event !== null && !('every' in event))) await this.#do(event);
  }

  /** Tick by tick, so that what awaits a promise goes on between two of them. */
  async #advanceTo(timeMs: number): Promise<void> {
    const atMs = this.#startMs + timeMs;
    for (;;) {
      const next = this.#clock.nextWakeMs;
      if (next === undefined || next > atMs) break;
      this.#clock.advance(Math.max(0, next - this.#clock.now()));
      await settle();
    }
    this.#clock.advance(atMs - this.#clock.now());
  }

  async #do(deed: Deed): Promise<void> {
    const [loop, driver] = [this.#loop, this.#driver];
    if (deed === 'confirm') loop.handle({ kind: 'confirm' });
    else if (deed === 'clearEmergencyStop') loop.handle({ kind: 'clear-emergency-stop' });
    else if (deed === 'close') await loop.close();
    else if ('action' in deed) {
      const values = Float64Array.from(deed.values);
      loop.handle({ kind: 'action', id: this.#idOf(deed.action), values });
    } else if ('reset' in deed) {
      const options = packValue(deed.clearEmergencyStop === true ? { clear_emergency_stop: true } : {});
      loop.handle({ kind: 'reset', id: this.#idOf(deed.reset), seed: undefined, options });
    } else if ('release' in deed) {
      loop.handle({ kind: 'release', reason: deed.release, mayResume: deed.mayResume });
    } else if ('emergencyStop' in deed) loop.handle({ kind: 'emergency-stop', reason: deed.emergencyStop });
    else if ('driver' in deed) driver.act(deed.driver);
    else if ('sensor' in deed) driver.sensor = deed.sensor;
    else if ('readTakesMs' in deed) driver.nextReadTakesMs = deed.readTakesMs;
    else if ('write' in deed) driver.write_ = deed.write;
    else if ('nextWrite' in deed) driver.nextWriteIsPending = true;
    else driver.endPending(deed.pendingWrite);
    await settle();
  }

  #idOf(name: string): number {
    const id = this.#names.size + 1;
    this.#names.set(id, name);
    return id;
  }

  #forget(): void {
    this.#events = [];
    this.#driver.written = [];
    this.#driver.notes = [];
  }

  #compare([timeMs, event, commands, told = []]: Row, beforeMs: number): Played {
    const every = event !== null && typeof event === 'object' && 'every' in event ? event.every : Infinity;
    // A period apart back from this row's time to the row before.
    const count = every === Infinity ? 1 : Math.ceil((timeMs - beforeMs) / every);
    const written = Array.from({ length: count }, (_, i) => {
      const atMs = every === Infinity ? timeMs : timeMs - (count - 1 - i) * every;
      return commands.map((command) => ({ atMs, command }));
    }).flat();
    const expected = { timeMs, written, told: sortTold(told) };
    const notes = this.#driver.notes.map((driver) => ({ driver }));
    const actualTold = sortTold([...this.#events.map((one) => this.#tell(one)), ...notes]);
    const actual = { timeMs, written: this.#driver.written, told: actualTold };
    return { expected, actual: reduceTo(expected, actual) };
  }

  /** An event as a table has it. */
  #tell(event: RobotEvent): Told {
    switch (event.kind) {
      case 'observed': {
        const { values, command, ...rest } = event.observed;
        return { observed: this.#names.get(event.id), values: [...values], command: [...command], ...rest };
      }
      case 'failed':
        return { failed: this.#names.get(event.id), message: event.message };
      case 'stopped':
        return { stopped: event.reason };
      case 'emergency-stop':
        return { emergencyStop: event.reason };
      case 'emergency-stop-cleared':
        return { emergencyStopCleared: true };
      case 'driver-fault':
        return { driverFault: event.message };
      case 'report':
        return { report: event.message };
      case 'instruction':
        return { instruction: event.message };
    }
  }
}

/** Events, answers and what the driver noticed, each in their own order: which of two listeners hears first is no rule. */
function sortTold(told: readonly Told[]): readonly Told[][] {
  const isAnswer = (one: Told) => 'observed' in one || 'failed' in one;
  const isNote = (one: Told) => 'driver' in one;
  return [told.filter((one) => !isAnswer(one) && !isNote(one)), told.filter(isAnswer), told.filter(isNote)];
}

/** Returns, of what came, what the table speaks of; a text that ends in "…" stands for all that begin like it. */
function reduceTo(expected: unknown, actual: unknown): unknown {
  if (typeof expected === 'string' && typeof actual === 'string' && expected.endsWith('…')) {
    return actual.startsWith(expected.slice(0, -1)) ? expected : actual;
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return actual.map((item: unknown, i) => (i < expected.length ? reduceTo(expected[i], item) : item));
  }
  if (!isRecord(expected) || !isRecord(actual)) return actual;
  if (Array.isArray(expected) || Array.isArray(actual)) return actual;
  // Of another kind: shown whole.
  if (!Object.keys(expected).every((key) => key in actual)) return actual;
  return Object.fromEntries(
    Object.entries(expected).map(([key, inner]) => [key, reduceTo(inner, actual[key])]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
