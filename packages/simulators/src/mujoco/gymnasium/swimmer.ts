import {
  ctrlCostWeight,
  excludeCurrentPositions,
  forwardRewardWeight,
  frameSkip,
  resetNoiseScale,
} from './arguments.ts';
import { concatenate } from './concatenate.ts';
import type { GymnasiumTask } from './gymnasium-task.ts';
import { np32, np64, weightedSquares32 } from './numpy.ts';
import { advanceMeasuring, distanceFromOrigin, planePosition } from './plane-motion.ts';
import { addUniformNoise } from './state-noise.ts';

export const swimmer: GymnasiumTask = {
  id: 'Swimmer-v5',
  description: 'A chain of three links in a viscous fluid: swim to the right as fast as possible.',
  modelFile: 'swimmer.xml',
  maxEpisodeSteps: 1000,
  rewardThreshold: 360,
  renderFps: 25,
  arguments: [
    frameSkip(4),
    forwardRewardWeight(1),
    ctrlCostWeight(1e-4),
    resetNoiseScale(0.1),
    excludeCurrentPositions,
  ],
  rules(simulation, args) {
    const forwardWeight = args.number('forward_reward_weight');
    const ctrlWeight = args.number('ctrl_cost_weight');
    const noise = args.number('reset_noise_scale');
    const skipped = args.bool('exclude_current_positions_from_observation') ? 2 : 0;
    const root = () => [simulation.arrays.qpos[0], simulation.arrays.qpos[1]] as const;
    const place = () => ({ ...planePosition(simulation), ...distanceFromOrigin(simulation) });
    return {
      start: ({ random }) => addUniformNoise(simulation, random, noise),
      observe() {
        const { qpos, qvel } = simulation.arrays;
        return concatenate([qpos, skipped], [qvel]);
      },
      startInfo: place,
      step(action) {
        const velocity = advanceMeasuring(simulation, action, root);
        const forward = forwardWeight * velocity.x;
        const ctrlCost = weightedSquares32(ctrlWeight, action);
        return {
          reward: forward - ctrlCost,
          terminated: false,
          info: {
            ...place(),
            ...velocity.info,
            reward_forward: np64(forward),
            reward_ctrl: np32(-ctrlCost),
          },
        };
      },
    };
  },
};
