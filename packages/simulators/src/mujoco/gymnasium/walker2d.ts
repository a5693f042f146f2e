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
import { np64 } from './numpy.ts';
import { isBetween, planarWalkerRules } from './planar-walker.ts';

export const walker2d: GymnasiumTask = {
  id: 'Walker2d-v5',
  description: 'A flat two-legged robot: walk forward without falling.',
  modelFile: 'walker2d_v5.xml',
  maxEpisodeSteps: 1000,
  renderFps: 125,
  arguments: [
    frameSkip(4),
    forwardRewardWeight(1),
    ctrlCostWeight(1e-3),
    healthyReward(1),
    terminateWhenUnhealthy,
    range('healthy_z_range', 0.8, 2, 'height of the torso, m'),
    range('healthy_angle_range', -1, 1, 'of the torso, rad'),
    resetNoiseScale(5e-3),
    excludeCurrentPositions,
  ],
  rules(simulation, args) {
    const zRange = args.floatList('healthy_z_range');
    const angleRange = args.floatList('healthy_angle_range');
    const isHealthy = () => {
      const { qpos } = simulation.arrays;
      return isBetween(zRange, qpos[1]) && isBetween(angleRange, qpos[2]);
    };
    return planarWalkerRules(simulation, args, { isHealthy, survivalInfo: np64 });
  },
};
