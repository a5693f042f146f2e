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
import { addNormalNoise } from './state-noise.ts';

export const halfCheetah: GymnasiumTask = {
  id: 'HalfCheetah-v5',
  description: 'A flat two-legged runner: run forward as fast as possible.',
  modelFile: 'half_cheetah.xml',
  maxEpisodeSteps: 1000,
  rewardThreshold: 4800,
  renderFps: 20,
  arguments: [
    frameSkip(5),
    forwardRewardWeight(1),
    ctrlCostWeight(0.1),
    resetNoiseScale(0.1),
    excludeCurrentPositions,
  ],
  rules(simulation, args) {
    const forwardWeight = args.number('forward_reward_weight');
    const ctrlWeight = args.number('ctrl_cost_weight');
    const noise = args.number('reset_noise_scale');
    const skipped = args.bool('exclude_current_positions_from_observation') ? 1 : 0;
    return {
      start: ({ random }) => addNormalNoise(simulation, random, noise),
      observe() {
        const { qpos, qvel } = simulation.arrays;
        return concatenate([qpos, skipped], [qvel]);
      },
      startInfo: () => ({ x_position: np64(simulation.arrays.qpos[0]) }),
      step(action) {
        const xBefore = simulation.arrays.qpos[0];
        simulation.advance(action);
        const x = simulation.arrays.qpos[0];
        const xVelocity = (x - xBefore) / simulation.timeStep;
        const forward = forwardWeight * xVelocity;
        const ctrlCost = weightedSquares32(ctrlWeight, action);
        return {
          reward: forward - ctrlCost,
          terminated: false,
          info: {
            x_position: np64(x),
            x_velocity: np64(xVelocity),
            reward_forward: np64(forward),
            reward_ctrl: np32(-ctrlCost),
          },
        };
      },
    };
  },
};
