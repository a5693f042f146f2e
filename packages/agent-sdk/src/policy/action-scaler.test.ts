import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../random/random-stream.ts';
import { ActionScaler } from './action-scaler.ts';

function toEnv(scaler: ActionScaler, ...actions: number[]): Float32Array {
  const out = new Float32Array(actions.length);
  scaler.toEnv(Float32Array.from(actions), out);
  return out;
}

function fromEnv(scaler: ActionScaler, ...actions: number[]): Float32Array {
  const out = new Float32Array(actions.length);
  scaler.fromEnv(Float32Array.from(actions), out);
  return out;
}

describe('ActionScaler', () => {
  it('scales and shifts each dimension by its own bounds, row by row', () => {
    const scaler = new ActionScaler([-2, 0, -1], [2, 1, 3]);
    expect([...scaler.scale]).toEqual([2, 0.5, 2]);
    expect([...scaler.bias]).toEqual([0, 0.5, 1]);
    expect([...toEnv(scaler, -1, -1, -1, 0, 0, 0, 1, 1, 1)]).toEqual([-2, 0, -1, 0, 0.5, 1, 2, 1, 3]);
    expect([...fromEnv(scaler, -2, 0, -1, 0, 0.5, 1, 2, 1, 3)]).toEqual([-1, -1, -1, 0, 0, 0, 1, 1, 1]);
  });

  it('works in place, and clamps what lies outside', () => {
    const scaler = new ActionScaler([-2, 0], [2, 1]);
    const actions = Float32Array.of(1.5, -3);
    scaler.toEnv(actions, actions);
    expect([...actions]).toEqual([2, 0]);
    expect([...fromEnv(scaler, 9, -9)]).toEqual([1, -1]);
  });

  it('never passes a bound by rounding', () => {
    const stream = createRandomStream(0, 'bounds');
    let pastTheBound = 0;
    for (let i = 0; i < 5000; i++) {
      const [a, b] = [Math.fround(stream.standardNormal()), Math.fround(stream.standardNormal() * 10)];
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const scaler = new ActionScaler([low], [high]);
      const [scale, bias] = [scaler.scale[0], scaler.bias[0]];
      if (Math.fround(scale + bias) > high || Math.fround(bias - scale) < low) pastTheBound += 1;
      for (const action of [-1, 1, -0.99999994, 0.99999994]) {
        const [scaled] = toEnv(scaler, action);
        expect(scaled).toBeGreaterThanOrEqual(low);
        expect(scaled).toBeLessThanOrEqual(high);
      }
    }
    // Without the clamp many bounds would be passed: the loop above has met such cases.
    expect(pastTheBound).toBeGreaterThan(500);
  });

  it('computes in float32 at every step, as the exported graph does', () => {
    const scaler = new ActionScaler([-0.3], [1.1]);
    const [scale, bias] = [scaler.scale[0], scaler.bias[0]];
    const action = Math.fround(0.7654321);
    expect(toEnv(scaler, action)[0]).toBe(Math.fround(Math.fround(action * scale) + bias));
  });

  it('comes back to the same action within rounding', () => {
    const scaler = new ActionScaler([-0.4, 10], [0.4, 25]);
    const actions = [0.25, -0.75];
    const back = fromEnv(scaler, ...toEnv(scaler, ...actions));
    actions.forEach((action, k) => expect(back[k]).toBeCloseTo(action, 5));
  });

  it('rounds float64 bounds inwards', () => {
    const { low, high } = new ActionScaler([0.1, -0.4, -1e-60, 2], [0.4, -0.1, 1, 3]);
    const bounds = [0.1, 0.4, -0.4, -0.1, -1e-60];
    const found = [low[0], high[0], low[1], high[1], low[2]];
    // Each is one of the two float32 around the bound, on the inner side.
    expect(found[0]).toBeGreaterThanOrEqual(bounds[0]);
    expect(found[1]).toBeLessThanOrEqual(bounds[1]);
    expect(found[2]).toBeGreaterThanOrEqual(bounds[2]);
    expect(found[3]).toBeLessThanOrEqual(bounds[3]);
    found.forEach((bound, i) => expect(Math.abs(bound - bounds[i])).toBeLessThan(6e-8));
    expect(found[1]).toBe(0.3999999761581421);
    expect([low[3], high[3]]).toEqual([2, 3]);
  });

  it.each([
    ['infinite bounds', [-Infinity], [Infinity]],
    ['one infinite bound', [0], [Infinity]],
    ['bounds beyond float32', [0], [1e39]],
    ['NaN', [Number.NaN], [1]],
    ['equal bounds', [1], [1]],
    ['crossed bounds', [1], [-1]],
    ['bounds too close for float32', [0], [1e-45]],
  ])('refuses %s and names the dimension', (_case, low, high) => {
    expect(() => new ActionScaler([-1, ...low], [1, ...high])).toThrow(
      expect.objectContaining({
        code: 'INVALID_ACTION_BOUNDS',
        message: expect.stringMatching(/^action dimension 1: expected finite bounds with low < high, got \[/),
      }),
    );
  });

  it('refuses arrays of other sizes', () => {
    const mismatch = expect.objectContaining({ code: 'SHAPE_MISMATCH' });
    expect(() => new ActionScaler([-1, -1], [1])).toThrow(mismatch);
    expect(() => new ActionScaler([], [])).toThrow(mismatch);
    const scaler = new ActionScaler([-1, -1], [1, 1]);
    expect(() => scaler.toEnv(new Float32Array(3), new Float32Array(3))).toThrow(mismatch);
    expect(() => scaler.fromEnv(new Float32Array(4), new Float32Array(2))).toThrow(mismatch);
  });
});
