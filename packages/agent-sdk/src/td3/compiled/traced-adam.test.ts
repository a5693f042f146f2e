import { evaluate, input } from '@gymwire/onnx-graph';
import { describe, expect, it } from 'vitest';
import { adam, adamSchedule, scaledForAdam } from './traced-adam.ts';

describe('adam', () => {
  it('is the textbook update with epsilon after the bias-corrected root, step by step', () => {
    const names = ['p', 'm', 'v', 'g'] as const;
    const [p, m, v, g] = names.map((name) => input(name, [1, 3]));
    const before = { parameters: [p!], firstMoment: [m!], secondMoment: [v!] };
    const after = adam(before, [scaledForAdam(g!)], 'schedule');
    const learningRate = 1e-3;
    let state = { p: [0.5, -2, 1], m: [0, 0, 0], v: [0, 0, 0] };
    const textbook = structuredClone(state);
    for (let step = 1; step <= 20; step++) {
      // The second gradient is as small as epsilon, so that epsilon's place shows.
      const gradient = [Math.sin(step), 1e-8 * Math.cos(step), -3];
      const feeds = { ...state, g: gradient, schedule: adamSchedule(learningRate, step) };
      state = {
        p: Array.from(evaluate(after.parameters[0]!, feeds)),
        m: Array.from(evaluate(after.firstMoment[0]!, feeds)),
        v: Array.from(evaluate(after.secondMoment[0]!, feeds)),
      };
      gradient.forEach((slope, i) => {
        textbook.m[i] = 0.9 * textbook.m[i]! + 0.1 * slope;
        textbook.v[i] = 0.999 * textbook.v[i]! + 0.001 * slope ** 2;
        const mHat = textbook.m[i]! / (1 - 0.9 ** step);
        const vHat = textbook.v[i]! / (1 - 0.999 ** step);
        textbook.p[i] = textbook.p[i]! - (learningRate * mHat) / (Math.sqrt(vHat) + 1e-8);
        expect(Math.abs(state.p[i]! - textbook.p[i]!)).toBeLessThan(1e-14);
      });
    }
  });
});
