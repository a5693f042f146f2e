import type { Info, Seed } from '@gymwire/protocol';
import type { Observed } from './robot-messages.ts';

/** What a session's environment may ask of the robot; each session is known by an object of its own. */
export interface RobotDesk {
  /** Takes the robot. @throws Error with the driver's message */
  reset(session: object, seed: Seed | undefined, options: Info): Promise<Observed>;
  /** @throws Error when the control loop is gone */
  act(session: object, values: Float64Array): Promise<Observed>;
  /** Does nothing when another session has the robot. */
  release(session: object, reason: string, mayResume: boolean): void;
  /** Returns whether no other session has taken the robot since the last reset of this one. */
  isHeldBy(session: object): boolean;
  leave(session: object): void;
}
