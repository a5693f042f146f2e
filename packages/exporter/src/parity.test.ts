import { describe, expect, it } from 'vitest';
import { checkSnapshot } from './check-snapshot.ts';
import { checkGoldenPairs, pickGoldenPairs } from './golden-pairs.ts';
import { checkParity, type RunActions } from './parity.ts';
import { drawProbes } from './probes.ts';
import { ReferencePolicy } from './reference-policy.ts';
import { randomSnapshot } from './testing/random-snapshot.ts';

const snapshot = randomSnapshot({ sizes: [3, 8, 2] });
const definition = checkSnapshot(snapshot);
const probes = drawProbes(definition, { low: snapshot.observationLow, high: snapshot.observationHigh });
const golden = pickGoldenPairs(definition, probes);
const reference = new ReferencePolicy(definition);

/** A runtime that answers as the reference does, apart from what `change` does to its answers. */
function runtime(change: (actions: Float32Array, count: number) => Float32Array = (actions) => actions): {
  run: RunActions;
  batches: number[];
} {
  const batches: number[] = [];
  const run: RunActions = async (observations, count) => {
    batches.push(count);
    const actions = new Float32Array(count * 2);
    for (let i = 0; i < count; i++) {
      actions.set(reference.act(observations.subarray(i * 3, (i + 1) * 3)).action, i * 2);
    }
    return change(actions, count);
  };
  return { run, batches };
}

/** Moves one action of the batch of 129 towards the middle of its range, by a part of the range. */
function moveOne(part: number): RunActions {
  return runtime((actions, count) => {
    if (count !== 129) return actions;
    const [low, high] = [definition.actionLow[1], definition.actionHigh[1]];
    actions[101] += part * (high - low) * Math.sign((low + high) / 2 - actions[101]);
    return actions;
  }).run;
}

function replaceOne(value: number): RunActions {
  return runtime((actions) => actions.fill(value, 0, 1)).run;
}

describe('checkParity', () => {
  it('asks for all observations at once, then again in odd batches', async () => {
    const { run, batches } = runtime();
    const report = await checkParity(definition, probes, run);
    expect(report).toMatchObject({ observations: 1000, tolerance: 1e-5, batchSizes: batches });
    expect(batches).toEqual([1000, 1, 1, 2, 3, 7, 17, 33, 129, 807]);
    expect(report.maxError).toBeLessThan(1e-7);
    expect(report.maxErrorByAction).toHaveLength(2);
  });

  it('measures errors as parts of the action’s own range', async () => {
    const report = await checkParity(definition, probes, moveOne(0.8e-5));
    expect(report.maxError).toBeCloseTo(0.8e-5, 6);
    expect(report.maxErrorByAction[0]).toBeLessThan(1e-7);
    expect(report.maxErrorByAction[1]).toBe(report.maxError);
  });

  it.each([
    ['an action off by more than the tolerance', moveOne(1.3e-5), 'PARITY_FAILED', 'action 1: expected'],
    ['NaN', replaceOne(Number.NaN), 'PARITY_FAILED', 'observation 0 (zeros), action 0'],
    [
      'an action one ulp above its bound',
      replaceOne(1.0000001),
      'ACTION_OUT_OF_BOUNDS',
      'in [-1, 1], got 1.0000001',
    ],
    ['an action one ulp below its bound', replaceOne(-1.0000001), 'ACTION_OUT_OF_BOUNDS', 'got -1.0000001'],
    [
      'too few actions',
      runtime((actions) => actions.slice(1)).run,
      'PARITY_FAILED',
      'expected 2000 action values, got 1999',
    ],
  ] satisfies ReadonlyArray<[string, RunActions, string, string]>)(
    'refuses %s',
    async (_what, run, code, message) => {
      await expect(checkParity(definition, probes, run)).rejects.toMatchObject({
        name: 'ExporterError',
        code,
        message: expect.stringContaining(message),
      });
    },
  );
});

describe('golden pairs', () => {
  it('are 32 probes of every kind, with the reference’s actions', () => {
    expect(golden.count).toBe(32);
    expect(golden.observations).toHaveLength(96);
    expect(golden.observations.subarray(0, 3)).toEqual(new Float32Array(3));
    expect(golden.observations).toContain(1e6);
    expect(golden.observations).toContain(-1e6);
    expect(golden.actions.subarray(62)).toEqual(
      Float32Array.from(reference.act(golden.observations.subarray(93)).action),
    );
  });

  it('are met by the same policy', async () => {
    expect(await checkGoldenPairs(definition, golden, runtime().run)).toBeLessThan(1e-7);
  });

  it.each([
    [
      'a changed action',
      { ...golden, actions: golden.actions.map((a, i) => (i === 7 ? a * 0.9 : a)) },
      'GOLDEN_MISMATCH',
      'golden pair 3, action 1',
    ],
    [
      'a changed observation',
      { ...golden, observations: golden.observations.map((x) => x + 0.1) },
      'GOLDEN_MISMATCH',
      'golden pair 0',
    ],
  ])('are not met with %s', async (_what, pairs, code, message) => {
    await expect(checkGoldenPairs(definition, pairs, runtime().run)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('are not met by actions out of bounds', async () => {
    await expect(checkGoldenPairs(definition, golden, replaceOne(1.5))).rejects.toMatchObject({
      code: 'ACTION_OUT_OF_BOUNDS',
    });
  });
});
