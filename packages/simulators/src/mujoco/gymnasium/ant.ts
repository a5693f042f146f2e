import type { ResolvedArguments } from '@gymwire/env';
import type { ArgumentSpec } from '@gymwire/protocol';
import type { TaskRules } from '../mujoco-env.ts';
import type { MujocoSimulation } from '../mujoco-simulation.ts';
import {
  ctrlCostWeight,
  excludeCurrentPositions,
  flag,
  forwardRewardWeight,
  frameSkip,
  healthyReward,
  range,
  resetNoiseScale,
  terminateWhenUnhealthy,
  weight,
} from './arguments.ts';
import { clipAll, concatenate } from './concatenate.ts';
import type { GymnasiumTask } from './gymnasium-task.ts';
import { np32, np64, weightedSquares32, weightedSquares64 } from './numpy.ts';
import { advanceMeasuring, distanceFromOrigin, planePosition } from './plane-motion.ts';
import { addNormalNoise } from './state-noise.ts';

/** Gymnasium takes a body's name, too; on the wire an argument has one type. */
const mainBody: ArgumentSpec = {
  name: 'main_body',
  type: 'int',
  defaultValue: 1n,
  minimum: 0,
  maximum: 1e6,
  description: 'index of the body whose speed counts; 1 is the torso',
};

export const ant: GymnasiumTask = {
  id: 'Ant-v5',
  description: 'A four-legged robot: walk forward without falling.',
  modelFile: 'ant.xml',
  maxEpisodeSteps: 1000,
  rewardThreshold: 6000,
  renderFps: 20,
  arguments: [
    frameSkip(5),
    forwardRewardWeight(1),
    ctrlCostWeight(0.5),
    weight('contact_cost_weight', 5e-4, 'cost of squared contact forces'),
    healthyReward(1),
    mainBody,
    terminateWhenUnhealthy,
    range('healthy_z_range', 0.2, 1, 'height of the torso, m'),
    range('contact_force_range', -1, 1, 'to which contact forces are clipped'),
    resetNoiseScale(0.1),
    excludeCurrentPositions,
    flag('include_cfrc_ext_in_observation', true, 'observe the contact forces on all bodies'),
  ],
  rules: antRules,
};

function antRules(simulation: MujocoSimulation, args: ResolvedArguments): TaskRules {
  const forwardWeight = args.number('forward_reward_weight');
  const ctrlWeight = args.number('ctrl_cost_weight');
  const contactWeight = args.number('contact_cost_weight');
  const healthyReward = args.number('healthy_reward');
  const terminateWhenUnhealthy = args.bool('terminate_when_unhealthy');
  const [minZ, maxZ] = args.floatList('healthy_z_range') as readonly [number, number];
  const [minForce, maxForce] = args.floatList('contact_force_range') as readonly [number, number];
  const noise = args.number('reset_noise_scale');
  const skipped = args.bool('exclude_current_positions_from_observation') ? 2 : 0;
  const showsForces = args.bool('include_cfrc_ext_in_observation');
  const body = 3 * simulation.model.bodyIndex(args.number('main_body'), 'main_body');

  const bodyPlace = () => [simulation.arrays.xpos[body], simulation.arrays.xpos[body + 1]] as const;
  const place = () => ({ ...planePosition(simulation), ...distanceFromOrigin(simulation) });
  const contactForces = () => clipAll(simulation.arrays.cfrc_ext, minForce, maxForce);
  const isHealthy = () => {
    const { qpos, qvel } = simulation.arrays;
    const isFinite = qpos.every(Number.isFinite) && qvel.every(Number.isFinite);
    return isFinite && minZ <= qpos[2] && qpos[2] <= maxZ;
  };
  return {
    start: ({ random }) => addNormalNoise(simulation, random, noise),
    observe() {
      const { qpos, qvel } = simulation.arrays;
      // Of six numbers a body; the first body is the world.
      if (showsForces) return concatenate([qpos, skipped], [qvel], [contactForces(), 6]);
      return concatenate([qpos, skipped], [qvel]);
    },
    startInfo: place,
    step(action) {
      const velocity = advanceMeasuring(simulation, action, bodyPlace);
      const healthy = isHealthy();
      const forward = velocity.x * forwardWeight;
      const survival = healthy ? healthyReward : 0;
      const ctrlCost = weightedSquares32(ctrlWeight, action);
      const contactCost = weightedSquares64(contactWeight, contactForces());
      return {
        reward: forward + survival - (ctrlCost + contactCost),
        terminated: !healthy && terminateWhenUnhealthy,
        info: {
          ...place(),
          ...velocity.info,
          reward_forward: np64(forward),
          reward_ctrl: np32(-ctrlCost),
          reward_contact: np64(-contactCost),
          reward_survive: np64(survival),
        },
      };
    },
  };
}
