/** The task: swing the arm up and hold it there. */

import { box } from '@gymwire/protocol';
import type { RobotOptions } from '@gymwire/robot';

/** All that a robot needs beside its driver. */
export const armTask = {
  /** Cosine and sine of the angle from upright, speed in rad/s. */
  observationSpace: box([-1, -1, -100], [1, 1, 100]),
  /** Torque, as a part of the motor's strength. */
  actionSpace: box([-1], [1]),
  controlRateHz: 50,
  /** A motor without current: this arm falls, and hurts nobody. */
  safeAction: [0],
  watchdogMs: 200,
  lateActions: 'hold',
  actionRateLimits: [20],
  judge: ({ observation: [cosine, sine, speed], command: [torque] }) => ({
    reward: -(Math.atan2(sine, cosine) ** 2 + 0.02 * speed ** 2 + 0.01 * torque ** 2),
  }),
} satisfies Omit<RobotOptions, 'driver'>;
