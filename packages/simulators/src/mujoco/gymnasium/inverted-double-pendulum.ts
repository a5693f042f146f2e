import { frameSkip, healthyReward, resetNoiseScale } from './arguments.ts';
import { clipAll, concatenate } from './concatenate.ts';
import type { GymnasiumTask } from './gymnasium-task.ts';
import { np64 } from './numpy.ts';
import { addNormalNoise } from './state-noise.ts';

/** An episode ends when the tip comes down to this height, m. */
const LOWEST_TIP = 1;
/** Speeds and forces beyond are observed as this. */
const MAX_OBSERVED = 10;

export const invertedDoublePendulum: GymnasiumTask = {
  id: 'InvertedDoublePendulum-v5',
  description: 'Balance two poles, one upon the other, on a cart.',
  modelFile: 'inverted_double_pendulum.xml',
  maxEpisodeSteps: 1000,
  rewardThreshold: 9100,
  renderFps: 20,
  camera: { distance: 4.1225, lookAt: [0, 0, 0.1225] },
  arguments: [frameSkip(5), healthyReward(10), resetNoiseScale(0.1)],
  rules(simulation, args) {
    const healthy = args.number('healthy_reward');
    const noise = args.number('reset_noise_scale');
    return {
      start: ({ random }) => addNormalNoise(simulation, random, noise),
      observe() {
        const { qpos, qvel, qfrc_constraint } = simulation.arrays;
        return concatenate(
          [qpos, 0, 1],
          [qpos.map(Math.sin), 1],
          [qpos.map(Math.cos), 1],
          [clipAll(qvel, -MAX_OBSERVED, MAX_OBSERVED)],
          [clipAll(qfrc_constraint, -MAX_OBSERVED, MAX_OBSERVED), 0, 1],
        );
      },
      startInfo: () => ({}),
      step(action) {
        simulation.advance(action);
        const { site_xpos, qvel } = simulation.arrays;
        const [tipX, , tipZ] = site_xpos;
        const terminated = tipZ <= LOWEST_TIP;
        const distancePenalty = 0.01 * tipX ** 2 + (tipZ - 2) ** 2;
        const velocityPenalty = 1e-3 * qvel[1] ** 2 + 5e-3 * qvel[2] ** 2;
        const survival = terminated ? 0 : healthy;
        return {
          reward: survival - distancePenalty - velocityPenalty,
          terminated,
          info: {
            reward_survive: survival,
            distance_penalty: np64(-distancePenalty),
            velocity_penalty: np64(-velocityPenalty),
          },
        };
      },
    };
  },
};
