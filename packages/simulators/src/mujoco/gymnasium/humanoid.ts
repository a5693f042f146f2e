import type { ResolvedArguments } from '@gymwire/env';
import type { TaskRules } from '../mujoco-env.ts';
import type { MujocoSimulation } from '../mujoco-simulation.ts';
import {
  ctrlCostWeight,
  forwardRewardWeight,
  frameSkip,
  healthyReward,
  range,
  resetNoiseScale,
  terminateWhenUnhealthy,
  weight,
} from './arguments.ts';
import type { GymnasiumTask } from './gymnasium-task.ts';
import { humanoidObservation, humanoidObservationArguments, tendons } from './humanoid-body.ts';
import { clip, np64, weightedSquares64 } from './numpy.ts';
import { advanceMeasuring, distanceFromOrigin, planePosition } from './plane-motion.ts';
import { addUniformNoise } from './state-noise.ts';

export const humanoid: GymnasiumTask = {
  id: 'Humanoid-v5',
  description: 'A robot with arms and legs: walk forward without falling.',
  modelFile: 'humanoid.xml',
  maxEpisodeSteps: 1000,
  renderFps: 67,
  arguments: [
    frameSkip(5),
    forwardRewardWeight(1.25),
    ctrlCostWeight(0.1),
    weight('contact_cost_weight', 5e-7, 'cost of squared contact forces'),
    range('contact_cost_range', Number.NEGATIVE_INFINITY, 10, 'to which that cost is clipped'),
    healthyReward(5),
    terminateWhenUnhealthy,
    range('healthy_z_range', 1, 2, 'height of the torso, m'),
    resetNoiseScale(1e-2),
    ...humanoidObservationArguments,
  ],
  rules: humanoidRules,
};

function humanoidRules(simulation: MujocoSimulation, args: ResolvedArguments): TaskRules {
  const forwardWeight = args.number('forward_reward_weight');
  const ctrlWeight = args.number('ctrl_cost_weight');
  const contactWeight = args.number('contact_cost_weight');
  const [minContactCost, maxContactCost] = args.floatList('contact_cost_range') as readonly [number, number];
  const healthyReward = args.number('healthy_reward');
  const terminateWhenUnhealthy = args.bool('terminate_when_unhealthy');
  const [minZ, maxZ] = args.floatList('healthy_z_range') as readonly [number, number];
  const noise = args.number('reset_noise_scale');

  const centre = () => centreOfMass(simulation);
  const place = () => ({
    ...planePosition(simulation),
    ...tendons(simulation),
    ...distanceFromOrigin(simulation),
  });
  return {
    start: ({ random }) => addUniformNoise(simulation, random, noise),
    observe: humanoidObservation(simulation, args),
    startInfo: place,
    step(action) {
      const velocity = advanceMeasuring(simulation, action, centre);
      const { qpos, ctrl, cfrc_ext } = simulation.arrays;
      const healthy = minZ < qpos[2] && qpos[2] < maxZ;
      const forward = forwardWeight * velocity.x;
      const survival = healthy ? healthyReward : 0;
      const ctrlCost = weightedSquares64(ctrlWeight, ctrl);
      const contactCost = clip(weightedSquares64(contactWeight, cfrc_ext), minContactCost, maxContactCost);
      return {
        reward: forward + survival - (ctrlCost + contactCost),
        terminated: !healthy && terminateWhenUnhealthy,
        info: {
          ...place(),
          ...velocity.info,
          reward_survive: np64(survival),
          reward_forward: np64(forward),
          reward_ctrl: np64(-ctrlCost),
          reward_contact: np64(-contactCost),
        },
      };
    },
  };
}

/** x and y of all bodies together, m. */
function centreOfMass({ model: { bodyMass }, arrays: { xipos } }: MujocoSimulation) {
  let mass = 0;
  let x = 0;
  let y = 0;
  for (let body = 0; body < bodyMass.length; body++) {
    mass += bodyMass[body];
    x += bodyMass[body] * xipos[3 * body];
    y += bodyMass[body] * xipos[3 * body + 1];
  }
  return [x / mass, y / mass] as const;
}
