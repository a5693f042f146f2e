import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../random/random-stream.ts';
import { createInitialState } from './initial-state.ts';

const sizes = { observationSize: 5, actionSize: 2, hiddenSizes: [64, 32] };

describe('createInitialState', () => {
  it('makes networks of the asked sizes', () => {
    const state = createInitialState(sizes, 0);
    const widths = (network: readonly { inputs: number; outputs: number }[]) =>
      network.map(({ inputs, outputs }) => [inputs, outputs]);
    expect(widths(state.actor)).toEqual([
      [5, 64],
      [64, 32],
      [32, 2],
    ]);
    for (const critic of [...state.critics, ...state.criticTargets]) {
      expect(widths(critic)).toEqual([
        [7, 64],
        [64, 32],
        [32, 1],
      ]);
    }
    for (const { inputs, outputs, weight, bias } of state.actor) {
      expect([weight.length, bias.length]).toEqual([inputs * outputs, outputs]);
    }
  });

  it('draws weight and bias uniformly in ±1/√fan_in', () => {
    const { actor } = createInitialState({ observationSize: 100, actionSize: 1, hiddenSizes: [400] }, 1);
    const { weight, bias } = actor[0];
    for (const values of [weight, bias]) {
      expect(Math.max(...values)).toBeLessThanOrEqual(0.1);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.1);
      expect(Math.max(...values)).toBeGreaterThan(0.099);
      expect(Math.min(...values)).toBeLessThan(-0.099);
    }
    // Variance of a uniform of width 0.2 is 0.2²/12; 40 000 draws.
    const variance = weight.reduce((sum, x) => sum + x * x, 0) / weight.length;
    expect(variance).toBeCloseTo(0.04 / 12, 4);
  });

  it('starts targets as equal copies, critics apart, and Adam at zero', () => {
    const state = createInitialState(sizes, 2);
    expect(state.actorTarget).toEqual(state.actor);
    expect(state.criticTargets).toEqual(state.critics);
    expect(state.actorTarget[0].weight).not.toBe(state.actor[0].weight);
    expect(state.critics[0]).not.toEqual(state.critics[1]);
    for (const adam of [state.actorAdam, ...state.criticAdams]) {
      expect(adam.step).toBe(0);
      for (const { weight, bias } of [...adam.firstMoment, ...adam.secondMoment]) {
        expect([...weight, ...bias].every((x) => x === 0)).toBe(true);
      }
    }
    expect(state.gradientSteps).toBe(0);
  });

  it('depends on the seed alone', () => {
    expect(createInitialState(sizes, 3)).toEqual(createInitialState(sizes, 3));
    expect(createInitialState(sizes, 3).actor).not.toEqual(createInitialState(sizes, 4).actor);
    const stream = createRandomStream(3, 'initial-weights');
    expect(createInitialState(sizes, stream)).toEqual(createInitialState(sizes, 3));
  });
});
