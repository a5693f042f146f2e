import type { RandomStream } from '../random/random-stream.ts';

/** `gaussian`: independent in time. `ornstein-uhlenbeck`: drifts, for environments that need a steady push. */
export const explorationNoiseTypes = ['gaussian', 'ornstein-uhlenbeck'] as const;
/** A kind of exploration noise. */
export type ExplorationNoiseType = (typeof explorationNoiseTypes)[number];

/** The speed at which Ornstein-Uhlenbeck noise returns to zero (Lillicrap et al. 2016, §7), in time steps of one. */
const theta = 0.15;

/** Noise for actions in [-1, 1] units, independent for each environment and dimension. */
export interface ExplorationNoise {
  /** Adds the next noise to one environment's action, in place; does not clip. */
  add(envIndex: number, action: Float32Array): void;
  /** The environment starts an episode. */
  startEpisode(envIndex: number): void;
}

/**
 * Makes the noise of a run.
 * @param std σ in [-1, 1] units; of Ornstein-Uhlenbeck noise: of each of its steps
 * @param stream what is drawn from, environment by environment
 */
export function createExplorationNoise(
  type: ExplorationNoiseType,
  std: number,
  numEnvs: number,
  actionSize: number,
  stream: RandomStream,
): ExplorationNoise {
  if (type === 'gaussian') {
    return {
      add(_envIndex, action) {
        for (let k = 0; k < actionSize; k++) action[k] = action[k] + std * stream.standardNormal();
      },
      startEpisode() {},
    };
  }
  // x ← x − θ·x·dt + σ·√dt·N(0, 1) with dt = 1. Kept in float64; starts each episode at zero, which is why a
  // checkpoint, after which every episode starts anew, need not hold it.
  const state = new Float64Array(numEnvs * actionSize);
  return {
    add(envIndex, action) {
      for (let k = 0; k < actionSize; k++) {
        const at = envIndex * actionSize + k;
        const x = (1 - theta) * state[at] + std * stream.standardNormal();
        state[at] = x;
        action[k] = action[k] + x;
      }
    },
    startEpisode(envIndex) {
      state.fill(0, envIndex * actionSize, (envIndex + 1) * actionSize);
    },
  };
}
