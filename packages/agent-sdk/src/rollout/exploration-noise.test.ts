import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../random/random-stream.ts';
import { createExplorationNoise, type ExplorationNoiseType } from './exploration-noise.ts';

function series(type: ExplorationNoiseType, std: number, length: number): number[] {
  const noise = createExplorationNoise(type, std, 1, 1, createRandomStream(3, 'exploration'));
  return Array.from({ length }, () => {
    const action = new Float32Array(1);
    noise.add(0, action);
    return action[0];
  });
}

/** Standard deviation and correlation of neighbours. */
function moments(values: readonly number[]): { std: number; correlation: number } {
  const square = values.reduce((sum, x) => sum + x * x, 0) / values.length;
  const lagged = values.slice(1).reduce((sum, x, i) => sum + x * values[i], 0) / values.length;
  return { std: Math.sqrt(square), correlation: lagged / square };
}

describe('exploration noise', () => {
  it('is white when Gaussian', () => {
    const { std, correlation } = moments(series('gaussian', 0.3, 20_000));
    expect(std).toBeCloseTo(0.3, 2);
    expect(correlation).toBeCloseTo(0, 1);
  });

  it('forgets 0.15 of itself a step when Ornstein-Uhlenbeck', () => {
    const { std, correlation } = moments(series('ornstein-uhlenbeck', 0.5, 50_000));
    // Stationary: σ / √(1 − (1 − θ)²) = 0.949.
    expect(std).toBeGreaterThan(0.9);
    expect(std).toBeLessThan(1);
    expect(correlation).toBeCloseTo(0.85, 1);
  });

  it('starts each episode of each environment at zero', () => {
    const stream = createRandomStream(3, 'exploration');
    const noise = createExplorationNoise('ornstein-uhlenbeck', 0.5, 2, 1, stream);
    const next = (env: number) => {
      const action = new Float32Array(1);
      noise.add(env, action);
      return action[0];
    };
    const draws = createRandomStream(3, 'exploration');
    const first = next(0);
    expect(first).toBeCloseTo(0.5 * draws.standardNormal(), 6);
    expect(next(1)).toBeCloseTo(0.5 * draws.standardNormal(), 6);
    expect(next(0)).toBeCloseTo(0.85 * first + 0.5 * draws.standardNormal(), 6);
    noise.startEpisode(0);
    expect(next(0)).toBeCloseTo(0.5 * draws.standardNormal(), 6);
  });
});
