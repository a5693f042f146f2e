import { frameSkip, resetNoiseScale } from './arguments.ts';
import { concatenate } from './concatenate.ts';
import type { GymnasiumTask } from './gymnasium-task.ts';
import { addUniformNoise } from './state-noise.ts';

/** rad from upright. */
const MAX_ANGLE = 0.2;

export const invertedPendulum: GymnasiumTask = {
  id: 'InvertedPendulum-v5',
  description: 'Balance a pole on a cart.',
  modelFile: 'inverted_pendulum.xml',
  maxEpisodeSteps: 1000,
  rewardThreshold: 950,
  renderFps: 25,
  camera: { distance: 2.04 },
  arguments: [frameSkip(2), resetNoiseScale(0.01)],
  rules(simulation, args) {
    const noise = args.number('reset_noise_scale');
    const observe = () => concatenate([simulation.arrays.qpos], [simulation.arrays.qvel]);
    return {
      start: ({ random }) => addUniformNoise(simulation, random, noise),
      observe,
      startInfo: () => ({}),
      step(action) {
        simulation.advance(action);
        const observation = observe();
        const terminated = !observation.every(Number.isFinite) || Math.abs(observation[1]) > MAX_ANGLE;
        return {
          reward: terminated ? 0 : 1,
          terminated,
          info: { reward_survive: terminated ? 0n : 1n },
        };
      },
    };
  },
};
