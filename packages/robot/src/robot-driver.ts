/** What the user of a robot writes: how to read it, command it and bring it to where an episode starts. */

import type { MaybePromise } from '@gymwire/env';
import type { Info, Seed } from '@gymwire/protocol';

/** Why a command is written. */
export type CommandKind =
  /** The client's action, within its limits: each action is written with this kind once. */
  | 'action'
  /** The action before stays the target: nothing new came. */
  | 'hold'
  /** Nothing came in time, and late actions count as zeros. */
  | 'zero'
  /** The safe action: nobody is in control, or the robot has been stopped. */
  | 'safe'
  /** What the driver's own `reset` asked for. */
  | 'reset';

/** What a robot measured at a time. */
export interface RobotSample {
  /** One number an element of the observation space, in C order. Copied before the driver is called again. */
  readonly values: ArrayLike<number>;
  /** How long ago the robot measured it. Without this and without a time stamp: when it was handed out first. */
  readonly ageMs?: number;
  /**
   * Instead of an age: when the robot measured it, by the loop's clock, which is `performance.now()` in the driver's
   * thread. The same time stamp again is the same sample; one that is ahead of the clock, or of another unit, latches the
   * emergency stop; a sample from before the newest one is ignored.
   */
  readonly measuredAtMs?: number;
  /** Why the robot wants to be stopped: a button was pressed, a joint is too hot. Latches the emergency stop. */
  readonly emergencyStop?: string;
}

/** What a reset may use. All commands go through the limits that actions have. */
/** What a reset may use while it is under way. Once it is over, all but `report` fail with GymwireError CANCELLED. */
export interface RobotResetContext {
  readonly options: Info;
  readonly seed: Seed | undefined;
  /** Aborted by an emergency stop, by a client that goes away, and when the robot is closed. */
  readonly signal: AbortSignal;
  /**
   * The target from the next tick on; until the first one the robot gets the safe action. Once the observation is older
   * than `maxObservationAgeMs`, and the reset has taken as long, the reset is cut short: nobody moves what they cannot see.
   * @throws Error for what is no command; the signal's reason
   */
  command(values: ArrayLike<number>): void;
  /** Waits for the next tick, and gives what was read then; undefined: nothing new. @throws the signal's reason */
  nextTick(): Promise<RobotSample | undefined>;
  /** Tells the log what goes on. */
  report(message: string): void;
  /**
   * Waits until the operator says that what the message asks for is done (`Robot.confirm`).
   * @throws the signal's reason
   */
  confirmed(message: string): Promise<void>;
}

/**
 * One robot. `read`, `write` and `emergencyStop` are called at the control rate and must answer at once: a driver
 * keeps the newest sample as it comes in. What one of them throws latches the emergency stop; so does a promise that
 * `write` gave and that is rejected, or not fulfilled within the watchdog's time.
 *
 * The robot needs a timeout of its own that stops its motors when commands stop coming: no program here can act
 * when its machine dies or the cable breaks.
 */
export interface RobotDriver {
  /** Connects. Nothing may move yet. */
  open?(): MaybePromise<void>;
  /**
   * The newest sample; undefined: none has come since the call before. The same object again, or without an age the
   * same array with the same numbers, is no new one, and its age grows. A driver that makes an object anew of a message
   * that it has handed out before must give its age or time stamp: nothing else could tell that the sensor is silent.
   */
  read(): RobotSample | undefined;
  /** Sends a command, one number an element of the action space; the array is not written again. */
  write(command: Float64Array, kind: CommandKind): MaybePromise<void>;
  /** Brings the robot to where an episode starts; may take minutes, or a person. Ticks go on meanwhile. */
  reset?(context: RobotResetContext): MaybePromise<void>;
  /**
   * Stops the robot, at once and again at every tick until the stop is cleared, since a message can be lost.
   * Without it the robot gets the safe action.
   */
  emergencyStop?(reason: string): MaybePromise<void>;
  close?(): MaybePromise<void>;
}

/** Makes a driver. `options` have been through structured cloning: plain data. */
export type CreateRobotDriver<Options> = (options: Options) => MaybePromise<RobotDriver>;

/** Where the control thread finds a driver: functions cannot be sent to it. */
export interface RobotDriverModule {
  /** The address of an ES module, as `import.meta.url` has it; the thread imports it anew. */
  readonly url: string | URL;
  /** Its export that is a CreateRobotDriver; default `createDriver`. */
  readonly exportName?: string;
  /** Plain data for it. */
  readonly options?: unknown;
}
