import {
  ctrlCostWeight,
  excludeCurrentPositions,
  forwardRewardWeight,
  frameSkip,
  healthyReward,
  range,
  resetNoiseScale,
  terminateWhenUnhealthy,
} from './arguments.ts';
import type { GymnasiumTask } from './gymnasium-task.ts';
import { isBetween, planarWalkerRules } from './planar-walker.ts';

export const hopper: GymnasiumTask = {
  id: 'Hopper-v5',
  description: 'A one-legged robot: hop forward without falling.',
  modelFile: 'hopper.xml',
  maxEpisodeSteps: 1000,
  rewardThreshold: 3800,
  renderFps: 125,
  arguments: [
    frameSkip(4),
    forwardRewardWeight(1),
    ctrlCostWeight(1e-3),
    healthyReward(1),
    terminateWhenUnhealthy,
    range('healthy_state_range', -100, 100, 'of positions (but the first two) and velocities'),
    range('healthy_z_range', 0.7, Number.POSITIVE_INFINITY, 'height of the torso, m'),
    range('healthy_angle_range', -0.2, 0.2, 'of the torso, rad'),
    resetNoiseScale(5e-3),
    excludeCurrentPositions,
  ],
  rules(simulation, args) {
    const stateRange = args.floatList('healthy_state_range');
    const zRange = args.floatList('healthy_z_range');
    const angleRange = args.floatList('healthy_angle_range');
    const isHealthy = () => {
      const { qpos, qvel } = simulation.arrays;
      const inRange = (x: number) => isBetween(stateRange, x);
      return (
        isBetween(zRange, qpos[1]) &&
        isBetween(angleRange, qpos[2]) &&
        qpos.subarray(2).every(inRange) &&
        qvel.every(inRange)
      );
    };
    // Python's all() makes a bool of Hopper's health, so that its reward is a Python float; Walker2d's is NumPy's.
    return planarWalkerRules(simulation, args, { isHealthy, survivalInfo: (reward) => reward });
  },
};
