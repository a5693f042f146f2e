/** Gymnasium's MuJoCo v5 tasks. */
import { ant } from './ant.ts';
import type { GymnasiumTask } from './gymnasium-task.ts';
import { halfCheetah } from './half-cheetah.ts';
import { hopper } from './hopper.ts';
import { humanoid } from './humanoid.ts';
import { humanoidStandup } from './humanoid-standup.ts';
import { invertedDoublePendulum } from './inverted-double-pendulum.ts';
import { invertedPendulum } from './inverted-pendulum.ts';
import { pusher } from './pusher.ts';
import { reacher } from './reacher.ts';
import { swimmer } from './swimmer.ts';
import { walker2d } from './walker2d.ts';

export const gymnasiumTasks: readonly GymnasiumTask[] = [
  invertedPendulum,
  invertedDoublePendulum,
  reacher,
  pusher,
  swimmer,
  hopper,
  halfCheetah,
  walker2d,
  ant,
  humanoid,
  humanoidStandup,
];
