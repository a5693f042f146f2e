/** Public options in, the loop's settings out; defaults and validation live here only. */
import { type BoxSpace, elementCount, GymwireError, type Info, optionsFault } from '@gymwire/protocol';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { RobotDriver, RobotDriverModule } from './robot-driver.ts';
import type { LateActionRule, LoopSettings } from './robot-messages.ts';

/** What a step led to, for the task to judge. */
export interface RobotStep {
  /** One number an element of the observation space. */
  readonly observation: Float64Array;
  /** The observation before. */
  readonly previousObservation: Float64Array;
  /** The action as the client gave it. */
  readonly action: Float64Array;
  /** What the robot was told last before the observation. */
  readonly command: Float64Array;
}

/** What the task makes of a step. */
export interface RobotVerdict {
  /** The step's reward. */
  readonly reward: number;
  /** The task is over, and what follows has no value. Default false. */
  readonly terminated?: boolean;
  /** Goes into the step's info. */
  readonly info?: Info;
}

/** What `startRobot` takes: the robot, its task, how fast it is controlled, and what keeps it from harm. */
export interface RobotOptions {
  /** A module for a thread of its own, which nothing on this thread can hold up; an object runs on this thread. */
  readonly driver: RobotDriverModule | RobotDriver;
  /** A Box of floats. */
  readonly observationSpace: BoxSpace;
  /** A Box of floats with finite bounds, which are the widest range that commands may have. */
  readonly actionSpace: BoxSpace;
  /** Reward and end of an episode, after each step. */
  readonly judge: (step: RobotStep) => RobotVerdict;
  /** Ticks a second. A step takes two: one carries the action out, the next brings its observation. */
  readonly controlRateHz: number;
  /** What keeps the robot and those around it from harm; commanded whenever nobody is in control. */
  readonly safeAction: ArrayLike<number>;
  /** What is commanded at a tick for which an action was due and none came; default `hold`: the action before. */
  readonly lateActions?: LateActionRule;
  /** The safe action is commanded when the last action came this long ago; default 10 ticks, at least 3. */
  readonly watchdogMs?: number;
  /**
   * After the watchdog, a stale observation or a lost stream. Default `truncate`: the action that comes next is not
   * carried out, since it was chosen for another moment; its step is truncated, and a reset must follow. `resume`:
   * it is carried out, and the info says what happened.
   */
  readonly afterStop?: 'truncate' | 'resume';
  /** A tighter range than the action space's. */
  readonly actionLimits?: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> };
  /** Largest change a second, by dimension. */
  readonly actionRateLimits?: ArrayLike<number>;
  /**
   * An older observation stops the robot: one that the driver says is older, and any that no newer one has followed for
   * so long. Default: watchdogMs.
   */
  readonly maxObservationAgeMs?: number;
  /** How long a reset waits for a fresh observation once the driver is through; default 2 s. */
  readonly observationTimeoutMs?: number;
  /** A client may clear the emergency stop with the reset option `clear_emergency_stop`; default false. */
  readonly clientMayClearStop?: boolean;
  /**
   * Several sessions may be open, and a reset takes the robot; the episode of whoever had it is truncated. For a
   * trainer, which evaluates in a session of its own. Default false: one session at a time.
   */
  readonly isShared?: boolean;
  /** How long before a tick the loop polls instead of sleeping: more precise, and more work for the processor. */
  readonly pollMs?: number;
  /** The clock, for a driver that is an object; default: the machine's. */
  readonly clock?: Clock;
  /** Where stops, reports and instructions go; default: JSON lines on stderr. */
  readonly logger?: Logger;
}

/** A limit of 0 no sample could keep. */
const leastMs = 0.001;

const known = {
  driver: true,
  observationSpace: true,
  actionSpace: true,
  judge: true,
  controlRateHz: true,
  safeAction: true,
  lateActions: true,
  watchdogMs: true,
  afterStop: true,
  actionLimits: true,
  actionRateLimits: true,
  maxObservationAgeMs: true,
  observationTimeoutMs: true,
  clientMayClearStop: true,
  isShared: true,
  pollMs: true,
  clock: true,
  logger: true,
} as const satisfies Record<keyof RobotOptions, true>;

/** @throws GymwireError INVALID_ARGUMENT, naming the option, what it takes and what came */
export function resolveLoopSettings(options: RobotOptions): LoopSettings {
  refuseUnknown(options);
  const { observationSpace, actionSpace, lateActions = 'hold', afterStop = 'truncate' } = options;
  checkFloats('observationSpace', observationSpace);
  checkFloats('actionSpace', actionSpace);
  const periodMs = 1000 / inRange('controlRateHz', options.controlRateHz, 0.1, 10_000);
  const size = elementCount(actionSpace.low.shape);
  const spaceLow = numbers('actionSpace.low', Array.from(actionSpace.low.data, Number), size);
  const spaceHigh = numbers('actionSpace.high', Array.from(actionSpace.high.data, Number), size);
  const limits = options.actionLimits ?? { low: spaceLow, high: spaceHigh };
  refuseOtherNames('actionLimits', limits, ['low', 'high'], '{ low: [-1], high: [1] }');
  const low = numbers('actionLimits.low', limits.low, size);
  const high = numbers('actionLimits.high', limits.high, size);
  const safeAction = numbers('safeAction', options.safeAction, size);
  for (let i = 0; i < size; i++) {
    inRange(`actionLimits.low[${i}]`, low[i], spaceLow[i], high[i]);
    inRange(`actionLimits.high[${i}]`, high[i], low[i], spaceHigh[i]);
    inRange(`safeAction[${i}]`, safeAction[i], low[i], high[i]);
  }
  const { actionRateLimits } = options;
  const rates =
    actionRateLimits === undefined ? undefined : numbers('actionRateLimits', actionRateLimits, size);
  for (const [i, rate] of (rates ?? []).entries()) inRange(`actionRateLimits[${i}]`, rate, Number.MIN_VALUE);
  const watchdogMs = inRange('watchdogMs', options.watchdogMs ?? 10 * periodMs, 3 * periodMs);
  return {
    periodMs,
    lateActions: oneOf('lateActions', lateActions, ['hold', 'zero', 'safe']),
    watchdogMs,
    afterStop: oneOf('afterStop', afterStop, ['truncate', 'resume']),
    clientMayClearStop: options.clientMayClearStop === true,
    maxObservationAgeMs: inRange('maxObservationAgeMs', options.maxObservationAgeMs ?? watchdogMs, leastMs),
    observationTimeoutMs: inRange('observationTimeoutMs', options.observationTimeoutMs ?? 2000, 0),
    observationSize: elementCount(observationSpace.low.shape),
    safeAction,
    low,
    high,
    maxChangePerTick: safeAction.map((_, i) => ((rates?.[i] ?? Number.POSITIVE_INFINITY) * periodMs) / 1000),
  };
}

/** A limit with a misspelt name would be none. */
function refuseUnknown(options: RobotOptions): void {
  refuseOtherNames('startRobot', options, Object.keys(known), '{ driver, judge, controlRateHz: 50 }');
  const { driver } = options;
  // A driver that is an object may have what else it likes.
  if (typeof driver !== 'object' || driver === null || !('url' in driver)) return;
  const example = '{ url: import.meta.url }';
  refuseOtherNames('driver', driver, ['url', 'exportName', 'options'], example);
}

function refuseOtherNames(taker: string, given: object, names: readonly string[], example: string): void {
  const fault = optionsFault(taker, given, names, example);
  if (fault !== undefined) throw new GymwireError('INVALID_ARGUMENT', fault);
}

function checkFloats(name: string, { low }: BoxSpace): void {
  if (low.dtype === 'float32' || low.dtype === 'float64') return;
  throw invalid(name, 'a Box of float32 or float64', low.dtype);
}

function numbers(name: string, values: ArrayLike<number> | undefined, size: number): number[] {
  const list = Array.from(values ?? []);
  if (list.length === size && list.every(Number.isFinite)) return list;
  throw invalid(name, `${size} finite numbers`, `[${list.join(', ')}]`);
}

function inRange(name: string, value: number, minimum: number, maximum = Number.MAX_VALUE): number {
  if (typeof value === 'number' && value >= minimum && value <= maximum) return value;
  const range = maximum === Number.MAX_VALUE ? `${minimum} or more` : `${minimum} to ${maximum}`;
  throw invalid(name, `a number of ${range}`, String(value));
}

function oneOf<T extends string>(name: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  throw invalid(name, choices.join(', '), value);
}

function invalid(name: string, expected: string, got: string): GymwireError {
  return new GymwireError('INVALID_ARGUMENT', `robot option ${name}: expected ${expected}, got ${got}`);
}
