import { writeFile } from 'node:fs/promises';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { checkSnapshot } from './check-snapshot.ts';
import { exportPolicy } from './export-policy.ts';
import type { ObservationLayout } from './observation-layout.ts';
import { OnnxPolicy } from './onnx-policy.ts';
import { ReferencePolicy } from './reference-policy.ts';
import { randomSnapshot } from './testing/random-snapshot.ts';
import { withTemporaryFolder } from './testing/temporary-folder.ts';

const snapshot = randomSnapshot({ sizes: [3, 64, 64, 2] });
const { bytes } = await exportPolicy(snapshot);
const reference = new ReferencePolicy(checkSnapshot(snapshot));

describe('OnnxPolicy', () => {
  it('acts as the actor does, one at a time and in batches', async () => {
    const policy = await OnnxPolicy.load(bytes);
    expect([policy.observationSize, policy.actionSize]).toEqual([3, 2]);
    const observations = Float32Array.from({ length: 15 }, (_, i) => Math.sin(i));
    const batch = await policy.act(observations, 5);
    expect(batch).toHaveLength(10);
    for (let i = 0; i < 5; i++) {
      const observation = observations.subarray(i * 3, (i + 1) * 3);
      const action = await policy.act(observation);
      const expected = reference.act(observation).action;
      for (const k of [0, 1]) {
        expect(Math.abs(action[k] - expected[k])).toBeLessThan(2e-6);
        expect(Math.abs(batch[i * 2 + k] - expected[k])).toBeLessThan(2e-6);
      }
    }
    await policy.dispose();
  });

  it('loads from a path', async () => {
    await withTemporaryFolder(async (path) => {
      await writeFile(path('policy.onnx'), bytes);
      const policy = await OnnxPolicy.load(path('policy.onnx'));
      expect(policy.metadata.envId).toBe('Test-v0');
      expect(await policy.act(new Float32Array(3))).toHaveLength(2);
      await policy.dispose();
      await expect(OnnxPolicy.load(path('other.onnx'))).rejects.toMatchObject({
        code: 'UNREADABLE_FILE',
        message: expect.stringContaining('other.onnx'),
      });
    });
  });

  it('answers for the observation at the time of the call', async () => {
    const policy = await OnnxPolicy.load(bytes);
    const observation = Float32Array.of(1, 2, 3);
    const expected = await policy.act(observation);
    const answer = policy.act(observation);
    observation.fill(-5);
    expect(await answer).toEqual(expected);
    await policy.dispose();
  });

  it('answers many calls at once, each with an array of its own', async () => {
    const policy = await OnnxPolicy.load(bytes);
    const calls = Array.from({ length: 50 }, (_, i) => policy.act(Float32Array.of(i / 10, -1, 0.5)));
    const actions = await Promise.all(calls);
    for (let i = 0; i < 50; i++) {
      expect(actions[i]).toEqual(await policy.act(Float32Array.of(i / 10, -1, 0.5)));
    }
    await policy.dispose();
  });

  it.each([
    [
      new Float32Array(2),
      1,
      'OBSERVATION_SIZE',
      'Test-v0: expected 3 values in a Float32Array, got 2 values',
    ],
    [new Float32Array(0), 1, 'OBSERVATION_SIZE', 'got 0 values'],
    [new Float32Array(7), 2, 'OBSERVATION_SIZE', 'expected 2 × 3 values in a Float32Array, got 7 values'],
    [new Float32Array(0), 0, 'OBSERVATION_SIZE', 'expected at least 1 row of observations, got 0'],
    [new Float32Array(3), 1.5, 'OBSERVATION_SIZE', 'got 1.5'],
    [
      Float32Array.of(0, 0, 0, 0, Number.NaN, 0),
      2,
      'NON_FINITE_OBSERVATION',
      'observation 1, index 1: expected a finite number, got NaN',
    ],
    [
      Float32Array.of(Number.NEGATIVE_INFINITY, 0, 0),
      1,
      'NON_FINITE_OBSERVATION',
      'index 0: expected a finite number, got -Infinity',
    ],
  ])('refuses %j as %i observations', async (observations, count, code, message) => {
    const policy = await OnnxPolicy.load(bytes);
    await expect(policy.act(observations, count)).rejects.toMatchObject({
      name: 'ExporterError',
      code,
      message: expect.stringContaining(message),
    });
    await policy.dispose();
  });

  it('takes observations as the environment gives them', async () => {
    const observationLayout: ObservationLayout = {
      type: 'dict',
      entries: [
        ['speed', { type: 'box', dtype: 'float64', shape: [] }],
        ['place', { type: 'box', dtype: 'float32', shape: [2] }],
      ],
    };
    const policy = await OnnxPolicy.load((await exportPolicy({ ...snapshot, observationLayout })).bytes);
    expect(policy.metadata.observation.layout).toEqual(observationLayout);
    const expected = await policy.act(Float32Array.of(0.1, 2, 3));
    expect(await policy.act({ place: [2, 3], speed: 0.1 })).toEqual(expected);
    const batch = { place: [2, 3, 4, 5], speed: Float64Array.of(0.1, -1) };
    expect(await policy.act(batch, 2)).toEqual(await policy.act(Float32Array.of(0.1, 2, 3, -1, 4, 5), 2));
    await expect(policy.act({ place: [2, 3] })).rejects.toMatchObject({ code: 'OBSERVATION_STRUCTURE' });
    await expect(policy.act({ place: [2], speed: 1 })).rejects.toMatchObject({ code: 'OBSERVATION_SIZE' });
    await expect(policy.act({ place: [2, NaN], speed: 1 })).rejects.toMatchObject({
      code: 'NON_FINITE_OBSERVATION',
      message: 'observation 0, index 2 (observation["place"], number 1): expected a finite number, got NaN',
    });
    await policy.dispose();
  });

  it('takes arrays of another realm, as in a test runner’s sandbox', async () => {
    const policy = await OnnxPolicy.load(bytes);
    const foreign = runInNewContext('Float32Array.of(1, 2, 3)') as Float32Array;
    expect(foreign).not.toBeInstanceOf(Float32Array);
    expect(await policy.act(foreign)).toEqual(await policy.act(Float32Array.of(1, 2, 3)));
    await policy.dispose();
  });

  it('refuses an observation that may overflow, rather than give a plausible action', async () => {
    const [first, last] = [Float32Array.of(4, -4, 0, 1, 0, 0), new Float32Array(2)];
    const actor = [{ inputs: 3, outputs: 2, weight: first, bias: last }];
    const policy = await OnnxPolicy.load((await exportPolicy({ ...snapshot, actor })).bytes);
    await expect(policy.act(Float32Array.of(0, 3e38, 3e38))).rejects.toMatchObject({
      code: 'OBSERVATION_TOO_LARGE',
      message: expect.stringContaining('observation 0, index 1: expected at most ±2.1'),
    });
    expect(await policy.act(Float32Array.of(2e37, 2e37, 2e37))).toHaveLength(2);
    await policy.dispose();
  });

  it('answers what was asked before dispose, and nothing after', async () => {
    const policy = await OnnxPolicy.load(bytes);
    const answer = policy.act(Float32Array.of(1, 2, 3));
    const disposal = policy.dispose();
    await expect(policy.act(Float32Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'DISPOSED' });
    expect(await answer).toHaveLength(2);
    await disposal;
    await policy.dispose();
    await expect(policy.act(Float32Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'DISPOSED' });
  });
});
