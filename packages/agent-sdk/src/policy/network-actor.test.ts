import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../random/random-stream.ts';
import { createInitialState } from '../td3/initial-state.ts';
import type { NetworkState } from '../td3/network-state.ts';
import { NetworkActor } from './network-actor.ts';

function actorOf(
  hiddenSizes: readonly number[],
  seed: number,
  observationSize = 5,
  actionSize = 2,
): NetworkState {
  return createInitialState({ observationSize, actionSize, hiddenSizes }, seed).actor;
}

/** The same network in double precision throughout, written the other way round: one sum, no buffers. */
function reference(network: NetworkState, observation: readonly number[]): number[] {
  const last = network.length - 1;
  return network.reduce<number[]>(
    (x, { inputs, outputs, weight, bias }, i) => {
      const sums = Array.from({ length: outputs }, (_, o) =>
        x.reduce((sum, value, k) => sum + value * weight[o * inputs + k], bias[o]),
      );
      return sums.map((sum) => (i < last ? Math.max(0, sum) : Math.tanh(sum)));
    },
    [...observation],
  );
}

describe('NetworkActor', () => {
  it.each([[[]], [[3]], [[64, 64]], [[7, 6, 5, 9]]])('computes Relu layers %j and tanh', (hiddenSizes) => {
    const network = actorOf(hiddenSizes, 1);
    const policy = new NetworkActor(network);
    expect([policy.observationSize, policy.actionSize]).toEqual([5, 2]);
    const stream = createRandomStream(2, 'observations');
    const observation = new Float32Array(5);
    const action = new Float32Array(2);
    for (let i = 0; i < 20; i++) {
      stream.fillStandardNormal(observation);
      policy.act(observation, action);
      reference(network, [...observation]).forEach((expected, k) => {
        expect(Math.abs(action[k] - expected)).toBeLessThan(1e-6);
      });
    }
  });

  it('gives each row of a batch the very action it gets alone', () => {
    const policy = new NetworkActor(actorOf([32, 32], 3));
    const observations = new Float32Array(5 * 9);
    createRandomStream(4, 'observations').fillStandardNormal(observations);
    const together = new Float32Array(2 * 9);
    policy.act(observations, together);
    const alone = new Float32Array(2);
    for (let row = 0; row < 9; row++) {
      policy.act(observations.subarray(5 * row, 5 * row + 5), alone);
      expect(together.subarray(2 * row, 2 * row + 2)).toEqual(alone);
    }
    expect(new Set(together).size).toBe(18);
  });

  it('pins its actions to the last bit, so that a machine or engine that differs is noticed', () => {
    const action = new Float32Array(2);
    new NetworkActor(actorOf([64, 64], 5)).act(Float32Array.of(0.5, -1, 2, 0.1, -0.3), action);
    expect([...action]).toEqual([-0.02039395272731781, 0.007534361910074949]);
  });

  it('follows new weights', () => {
    const policy = new NetworkActor(actorOf([8], 6));
    const newer = actorOf([8], 7);
    const observation = Float32Array.of(1, 2, 3, 4, 5);
    const [found, expected] = [new Float32Array(2), new Float32Array(2)];
    policy.setWeights(newer);
    policy.act(observation, found);
    new NetworkActor(newer).act(observation, expected);
    expect(found).toEqual(expected);
  });

  it('refuses weights and arrays of other shapes', () => {
    const policy = new NetworkActor(actorOf([8], 8));
    const mismatch = (message: RegExp) =>
      expect.objectContaining({ code: 'SHAPE_MISMATCH', message: expect.stringMatching(message) });
    expect(() => policy.setWeights(actorOf([9], 8))).toThrow(mismatch(/expected layers 5-8-2, got 5-9-2/));
    expect(() => new NetworkActor([])).toThrow(mismatch(/at least one layer/));
    const [first, second] = actorOf([8], 8);
    expect(() => new NetworkActor([first, { ...second, weight: new Float32Array(14) }])).toThrow(
      mismatch(/actor\[1\].weight: expected 16 values/),
    );
    expect(() => new NetworkActor([first, { ...second, inputs: 7 }])).toThrow(
      mismatch(/actor\[1\]: expected 8 inputs, got 7/),
    );
    expect(() => policy.act(new Float32Array(4), new Float32Array(2))).toThrow(
      mismatch(/observations \[n, 5\] and actions \[n, 2\], got 4 and 2 values/),
    );
    expect(() => policy.act(new Float32Array(10), new Float32Array(3))).toThrow(mismatch(/got 10 and 3/));
  });
});
