/** What Hopper and Walker2d share: walking in the x-z plane, root joints x, z and angle first. */

import type { ResolvedArguments } from '@gymwire/env';
import type { Value } from '@gymwire/protocol';
import type { TaskRules } from '../mujoco-env.ts';
import type { MujocoSimulation } from '../mujoco-simulation.ts';
import { clipAll, concatenate } from './concatenate.ts';
import { np32, np64, weightedSquares32 } from './numpy.ts';
import { addUniformNoise } from './state-noise.ts';

export interface PlanarWalker {
  readonly isHealthy: () => boolean;
  /** reward_survive in Gymnasium's type. */
  readonly survivalInfo: (reward: number) => Value;
}

/** Velocities beyond are observed as this, in rad/s or m/s. */
const MAX_OBSERVED_SPEED = 10;

export function isBetween([low = 0, high = 0]: readonly number[], x: number): boolean {
  return low < x && x < high;
}

export function planarWalkerRules(
  simulation: MujocoSimulation,
  args: ResolvedArguments,
  { isHealthy, survivalInfo }: PlanarWalker,
): TaskRules {
  const forwardWeight = args.number('forward_reward_weight');
  const ctrlWeight = args.number('ctrl_cost_weight');
  const healthyReward = args.number('healthy_reward');
  const terminateWhenUnhealthy = args.bool('terminate_when_unhealthy');
  const noise = args.number('reset_noise_scale');
  const skipped = args.bool('exclude_current_positions_from_observation') ? 1 : 0;
  const initialZ = simulation.arrays.qpos[1];
  const positions = () => {
    const { qpos } = simulation.arrays;
    return { x_position: np64(qpos[0]), z_distance_from_origin: np64(qpos[1] - initialZ) };
  };
  return {
    start: ({ random }) => addUniformNoise(simulation, random, noise),
    observe() {
      const { qpos, qvel } = simulation.arrays;
      return concatenate([qpos, skipped], [clipAll(qvel, -MAX_OBSERVED_SPEED, MAX_OBSERVED_SPEED)]);
    },
    startInfo: positions,
    step(action) {
      const xBefore = simulation.arrays.qpos[0];
      simulation.advance(action);
      const xVelocity = (simulation.arrays.qpos[0] - xBefore) / simulation.timeStep;
      const healthy = isHealthy();
      const forward = forwardWeight * xVelocity;
      const survival = healthy ? healthyReward : 0;
      const ctrlCost = weightedSquares32(ctrlWeight, action);
      return {
        reward: forward + survival - ctrlCost,
        terminated: !healthy && terminateWhenUnhealthy,
        info: {
          ...positions(),
          x_velocity: np64(xVelocity),
          reward_forward: np64(forward),
          reward_ctrl: np32(-ctrlCost),
          reward_survive: survivalInfo(survival),
        },
      };
    },
  };
}
