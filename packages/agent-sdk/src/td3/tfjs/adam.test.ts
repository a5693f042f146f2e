import { tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Adam } from './adam.ts';
import { loadTfjsBackend } from './backend.ts';
import { FlatNetworks } from './flat-networks.ts';

beforeAll(async () => {
  await loadTfjsBackend('cpu');
});

/** One parameter after these gradients, in float64. */
function reference(gradients: readonly number[], learningRate: number, epsilon: number): number {
  let [parameter, first, second] = [0, 0, 0];
  gradients.forEach((gradient, i) => {
    first = 0.9 * first + 0.1 * gradient;
    second = 0.999 * second + 0.001 * gradient ** 2;
    const [correction1, correction2] = [1 - 0.9 ** (i + 1), 1 - 0.999 ** (i + 1)];
    parameter -= (learningRate / correction1) * (first / (Math.sqrt(second / correction2) + epsilon));
  });
  return parameter;
}

function descend(gradients: readonly number[], learningRate: number): { adam: Adam; value: number } {
  const networks = new FlatNetworks([1, 1], 1);
  const adam = new Adam(learningRate, [1, 1], 1);
  for (const gradient of gradients) {
    tidy(() => adam.update(networks, [tensor2d([[gradient]]), tensor1d([0])]));
  }
  return { adam, value: networks.exportState()[0]?.[0]?.weight[0] ?? Number.NaN };
}

describe('Adam', () => {
  it.each([1, 1e-3, 1e-8])('steps as PyTorch does for gradients around %d', (size) => {
    const gradients = [1, -0.5, 2, 0, 0.25].map((x) => x * size);
    const expected = reference(gradients, 0.1, 1e-8);
    expect(descend(gradients, 0.1).value).toBeCloseTo(expected, 6);
  });

  it('is told apart from an epsilon of 1e-7 by small gradients', () => {
    const gradients = [1e-8, -0.5e-8, 2e-8];
    expect(Math.abs(descend(gradients, 0.1).value - reference(gradients, 0.1, 1e-7))).toBeGreaterThan(1e-2);
  });

  it('drops moments before they become denormal', () => {
    const { adam } = descend([1, ...new Array<number>(1023).fill(0)], 0.1);
    const [state] = adam.exportState();
    expect(state?.step).toBe(1024);
    // 0.9^1023 = 1.6e-47, which float32 would hold as a denormal for ever.
    expect(state?.firstMoment[0]?.weight[0]).toBe(0);
    expect(state?.secondMoment[0]?.weight[0]).toBeGreaterThan(0);
  });
});
