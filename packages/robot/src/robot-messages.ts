/** What goes between a robot's sessions and its control loop; plain data, since there may be a thread between. */

import type { PortableValue } from '@gymwire/env/host';
import type { Seed } from '@gymwire/protocol';

export type LateActionRule = 'hold' | 'zero' | 'safe';

/** What the loop is started with: RobotOptions, checked and with defaults filled in. */
export interface LoopSettings {
  readonly periodMs: number;
  readonly lateActions: LateActionRule;
  readonly watchdogMs: number;
  readonly afterStop: 'truncate' | 'resume';
  readonly clientMayClearStop: boolean;
  readonly maxObservationAgeMs: number;
  readonly observationTimeoutMs: number;
  readonly observationSize: number;
  readonly safeAction: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Infinity: no limit. */
  readonly maxChangePerTick: readonly number[];
}

/** Requests with an id are answered, once, by an event with the same id. */
export type RobotRequest =
  | {
      readonly kind: 'reset';
      readonly id: number;
      readonly seed: Seed | undefined;
      /** A dictionary. */
      readonly options: PortableValue;
    }
  | { readonly kind: 'action'; readonly id: number; readonly values: Float64Array }
  /** Nobody is in control any more: the safe action, at once. `mayResume`: the client may come back (afterStop). */
  | { readonly kind: 'release'; readonly reason: string; readonly mayResume: boolean }
  | { readonly kind: 'emergency-stop'; readonly reason: string }
  | { readonly kind: 'clear-emergency-stop' }
  | { readonly kind: 'confirm' };

/** One observation and how it came about. */
export interface Observed {
  readonly values: Float64Array;
  readonly ageMs: number;
  /** Ticks since the loop was started, also those that were missed. */
  readonly tick: number;
  /** When the tick began, since the loop was started. */
  readonly timeMs: number;
  /** How long after its time the tick began. */
  readonly tickDelayMs: number;
  /** What the robot was told last before this tick. */
  readonly command: Float64Array;
  /** The limits of the action, when it was carried out first. */
  readonly rangeLimited: readonly boolean[];
  readonly rateLimited: readonly boolean[];
  /** Since the observation before: ticks without an action where one was due. */
  readonly lateTicks: number;
  /** Since the observation before: ticks that did not take place. */
  readonly missedTicks: number;
  /** Since the observation before: ticks that took longer than a period. */
  readonly overruns: number;
  /** Why the robot was stopped since the observation before; empty: it was not. */
  readonly stoppedBy: string;
  /** The robot stays stopped until a reset; an action that led to this observation was not carried out, or cut short. */
  readonly isOver: boolean;
}

/** What the control loop tells. */
export type RobotEvent =
  | { readonly kind: 'observed'; readonly id: number; readonly observed: Observed }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  | { readonly kind: 'stopped'; readonly reason: string }
  | { readonly kind: 'emergency-stop'; readonly reason: string }
  | { readonly kind: 'emergency-stop-cleared' }
  /** From the driver's reset. */
  | { readonly kind: 'report'; readonly message: string }
  /** From the driver's reset, which waits for the operator's `confirm`. */
  | { readonly kind: 'instruction'; readonly message: string }
  /** What the driver threw, where nothing else tells it. */
  | { readonly kind: 'driver-fault'; readonly message: string };
