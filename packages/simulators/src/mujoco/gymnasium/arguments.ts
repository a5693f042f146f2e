/** The keyword arguments of Gymnasium's MuJoCo tasks, by Gymnasium's names. Nothing of them names a file. */
import { type ArgumentSpec, Tuple } from '@gymwire/protocol';

export const frameSkip = (defaultValue: number): ArgumentSpec => ({
  name: 'frame_skip',
  type: 'int',
  defaultValue: BigInt(defaultValue),
  minimum: 1,
  maximum: 1000,
  description: 'physics steps of one environment step',
});

export const resetNoiseScale = (defaultValue: number): ArgumentSpec => ({
  name: 'reset_noise_scale',
  type: 'float',
  defaultValue,
  minimum: 0,
  maximum: 1e3,
  description: 'scale of the random part of the initial state',
});

/** A factor or a constant of the reward. */
export const weight = (name: string, defaultValue: number, description: string): ArgumentSpec => ({
  name,
  type: 'float',
  defaultValue,
  minimum: -1e9,
  maximum: 1e9,
  description,
});

export const forwardRewardWeight = (defaultValue: number) =>
  weight('forward_reward_weight', defaultValue, 'reward for each m/s forward');

export const ctrlCostWeight = (defaultValue: number) =>
  weight('ctrl_cost_weight', defaultValue, 'cost of squared controls');

export const healthyReward = (defaultValue: number) =>
  weight('healthy_reward', defaultValue, 'reward of a step in which the robot is healthy');

/** A lower and an upper bound, possibly infinite. */
export const range = (name: string, low: number, high: number, description: string): ArgumentSpec => ({
  name,
  type: 'float-list',
  defaultValue: new Tuple([low, high]),
  length: 2,
  minimum: Number.NEGATIVE_INFINITY,
  maximum: Number.POSITIVE_INFINITY,
  description,
});

export const flag = (name: string, defaultValue: boolean, description: string): ArgumentSpec => ({
  name,
  type: 'bool',
  defaultValue,
  description,
});

export const terminateWhenUnhealthy = flag(
  'terminate_when_unhealthy',
  true,
  'an episode ends when the robot is not healthy',
);

export const excludeCurrentPositions = flag(
  'exclude_current_positions_from_observation',
  true,
  'leave out where in the plane the robot is',
);
