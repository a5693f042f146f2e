/** A robot arm: bring the fingertip to a target and hold it there. */

import { type EnvRegistration } from '@gymwire/env-server';
import { createMujocoEnv, type MujocoSimulation } from '@gymwire/simulators';
import { armModel } from './arm-model.ts';

/** From the fingertip to the target, m. */
function toTarget(simulation: MujocoSimulation): number[] {
  const fingertip = simulation.sitePosition('fingertip');
  return Array.from(simulation.arrays.mocap_pos, (x, i) => x - fingertip[i]);
}

/** What a server needs to know to offer it. */
export const reachArm: EnvRegistration = {
  id: 'ReachArm-v0',
  description: 'Bring the fingertip of a robot arm to a target and hold it there.',
  maxEpisodeSteps: 60,
  renderFps: 20,
  renderModes: ['rgb_array'],
  make: () =>
    createMujocoEnv({
      xml: armModel,
      name: 'reach arm',
      frameSkip: 10,
      // All chance comes from `random`: the same seed gives the same episode.
      reset({ arrays }, { random }) {
        arrays.qpos[0] = random.uniform(-1, 1);
        arrays.qpos[1] = random.uniform(0, 0.8);
        arrays.qpos[2] = random.uniform(0.4, 1.6);
        const [direction, distance] = [random.uniform(-2, 2), random.uniform(0.25, 0.5)];
        const height = random.uniform(0.05, 0.3);
        arrays.mocap_pos.set([distance * Math.cos(direction), distance * Math.sin(direction), height]);
      },
      // Joint angles and speeds, where the target is and where it is from the fingertip: 12 numbers.
      observation: (simulation) => {
        const { qpos, qvel, mocap_pos } = simulation.arrays;
        return [...qpos, ...qvel, ...mocap_pos, ...toTarget(simulation)];
      },
      reward(simulation) {
        const { qvel } = simulation.arrays;
        const haste = qvel.reduce((sum, speed) => sum + speed ** 2, 0);
        return -Math.hypot(...toTarget(simulation)) - 1e-3 * haste;
      },
      info: (simulation) => ({ distance: Math.hypot(...toTarget(simulation)) }),
    }),
};
