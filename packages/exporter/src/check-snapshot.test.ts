import { describe, expect, it } from 'vitest';
import { checkSnapshot } from './check-snapshot.ts';
import type { ExporterErrorCode } from './errors.ts';
import type { LinearLayer, PolicySnapshot } from './policy-snapshot.ts';
import { randomSnapshot } from './testing/random-snapshot.ts';

const sound = randomSnapshot({ sizes: [3, 4, 2] });

function withLayer(index: number, change: Partial<LinearLayer>): Partial<PolicySnapshot> {
  return { actor: sound.actor.map((layer, i) => (i === index ? { ...layer, ...change } : layer)) };
}

function withNormalizer(mean: number[], scale: number[], clip: number): Partial<PolicySnapshot> {
  return {
    observationNormalizer: { mean: Float32Array.from(mean), scale: Float32Array.from(scale), clip },
  };
}

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const refused: ReadonlyArray<[Partial<PolicySnapshot>, ExporterErrorCode, string]> = [
  [{ envId: '' }, 'INVALID_SNAPSHOT', 'envId: expected a name'],
  [{ envSteps: -1 }, 'INVALID_SNAPSHOT', 'envSteps: expected an integer ≥ 0, got -1'],
  [{ envSteps: 1.5 }, 'INVALID_SNAPSHOT', 'envSteps'],
  [{ maxEpisodeSteps: -1 }, 'INVALID_SNAPSHOT', 'maxEpisodeSteps: expected an integer ≥ 0, got -1'],
  [
    { envUnconfirmed: false as never },
    'INVALID_SNAPSHOT',
    'envUnconfirmed: expected true, or nothing, got false',
  ],
  [{ envArguments: { g: nan } }, 'INVALID_SNAPSHOT', 'envArguments.g: expected finite numbers'],
  [{ envArguments: { range: [0, nan] } }, 'INVALID_SNAPSHOT', 'envArguments.range'],
  [
    { configHash: 'abc' },
    'INVALID_SNAPSHOT',
    'configHash: expected a sha256 of 64 lowercase hex digits, got abc',
  ],
  [
    { evaluation: { episodes: 0, meanReturn: 0, stdReturn: 0, meanLength: 1 } },
    'INVALID_SNAPSHOT',
    'evaluation.episodes: expected an integer ≥ 1, got 0',
  ],
  [
    { evaluation: { episodes: 1, meanReturn: nan, stdReturn: 0, meanLength: 1 } },
    'INVALID_SNAPSHOT',
    'evaluation.meanReturn: expected a finite number, got NaN',
  ],
  [
    { observationHigh: Float32Array.of(1, 1) },
    'SHAPE_MISMATCH',
    'expected 3 (as many as observationLow), got 2',
  ],
  [
    { observationLow: new Float32Array(0), observationHigh: new Float32Array(0) },
    'INVALID_SNAPSHOT',
    'observationLow: expected at least one value',
  ],
  [{ observationLow: Float32Array.of(0, nan, 0) }, 'INVALID_SNAPSHOT', 'observationLow[1]'],
  [
    { observationLow: Float32Array.of(0, 0, 2), observationHigh: Float32Array.of(1, 1, 1) },
    'INVALID_SNAPSHOT',
    'observationLow[2]: expected a number ≤ observationHigh[2] = 1, got 2',
  ],
  [
    { observationLayout: { type: 'box', dtype: 'float32', shape: [2] } },
    'INVALID_SNAPSHOT',
    'observationLayout: expected 3 numbers, it has 2',
  ],
  [
    { observationLayout: { type: 'dict', entries: [['a', { type: 'box', dtype: 'float32', shape: [-3] }]] } },
    'INVALID_SNAPSHOT',
    'observationLayout["a"]: expected a box with dtype and shape',
  ],
  [{ actionHigh: Float32Array.of(1) }, 'SHAPE_MISMATCH', 'actionHigh: number of values: expected 2'],
  [
    { actionLow: new Float32Array(0), actionHigh: new Float32Array(0) },
    'INVALID_SNAPSHOT',
    'actionLow: expected at least one value',
  ],
  [
    { actionHigh: Float32Array.of(1, infinity) },
    'INVALID_ACTION_BOUNDS',
    'action dimension 1: expected finite bounds with low < high',
  ],
  [{ actionLow: Float32Array.of(-infinity, -1) }, 'INVALID_ACTION_BOUNDS', 'action dimension 0'],
  [{ actionLow: Float32Array.of(1, -1) }, 'INVALID_ACTION_BOUNDS', 'got [1, 1]'],
  [{ actionLow: Float32Array.of(-1, 2) }, 'INVALID_ACTION_BOUNDS', 'action dimension 1'],
  [{ actionLow: Float32Array.of(nan, -1) }, 'INVALID_ACTION_BOUNDS', 'got [NaN, 1]'],
  [{ actor: [] }, 'INVALID_SNAPSHOT', 'actor: expected at least one layer'],
  [withLayer(0, { inputs: 4 }), 'SHAPE_MISMATCH', 'actor[0].inputs: expected 3, the observation size, got 4'],
  [withLayer(1, { inputs: 5 }), 'SHAPE_MISMATCH', 'expected 4, the outputs of actor[0], got 5'],
  [withLayer(0, { outputs: 0 }), 'INVALID_SNAPSHOT', 'actor[0].outputs: expected a size ≥ 1, got 0'],
  [
    { actor: sound.actor.slice(0, 1) },
    'SHAPE_MISMATCH',
    'actor[0].outputs: expected 2, the action size, got 4',
  ],
  [
    withLayer(1, { weight: new Float32Array(9) }),
    'SHAPE_MISMATCH',
    'actor[1].weight: number of values: expected 8 ([2, 4]), got 9',
  ],
  [withLayer(1, { bias: new Float32Array(1) }), 'SHAPE_MISMATCH', 'actor[1].bias'],
  [
    withLayer(0, { weight: new Float32Array(12).fill(nan, 5, 6) }),
    'NON_FINITE_VALUE',
    'actor[0].weight[5]: expected a finite number, got NaN',
  ],
  [withLayer(0, { bias: new Float32Array(4).fill(-infinity, 3) }), 'NON_FINITE_VALUE', 'actor[0].bias[3]'],
  [withNormalizer([0, 0], [1, 1, 1], 10), 'SHAPE_MISMATCH', 'observationNormalizer.mean'],
  [withNormalizer([0, 0, 0], [1, 1], 10), 'SHAPE_MISMATCH', 'observationNormalizer.scale'],
  [withNormalizer([0, infinity, 0], [1, 1, 1], 10), 'NON_FINITE_VALUE', 'observationNormalizer.mean[1]'],
  [withNormalizer([0, 0, 0], [1, 1, nan], 10), 'NON_FINITE_VALUE', 'observationNormalizer.scale[2]'],
  [
    withNormalizer([0, 0, 0], [1, 0, 1], 10),
    'INVALID_SNAPSHOT',
    'observationNormalizer.scale[1]: expected a number above 0, got 0',
  ],
  [withNormalizer([0, 0, 0], [1, 1, 1], 0), 'INVALID_SNAPSHOT', 'observationNormalizer.clip'],
  [withNormalizer([0, 0, 0], [1, 1, 1], nan), 'INVALID_SNAPSHOT', 'observationNormalizer.clip'],
  [withNormalizer([0, 0, 0], [1, 1, 1], 1e-60), 'INVALID_SNAPSHOT', 'observationNormalizer.clip'],
];

describe('checkSnapshot', () => {
  it.each(refused)('refuses %j with %s', (change, code, message) => {
    expect(() => checkSnapshot({ ...sound, ...change })).toThrow(
      expect.objectContaining({ name: 'ExporterError', code, message: expect.stringContaining(message) }),
    );
  });

  it('copies the arrays, which a learner may go on changing', () => {
    const snapshot = { ...randomSnapshot(), ...withNormalizer([1, 2, 3], [4, 5, 6], 0.1) };
    const definition = checkSnapshot(snapshot);
    snapshot.actor[0].weight.fill(9);
    snapshot.actionLow.fill(-9);
    snapshot.observationNormalizer?.mean.fill(9);
    const untouched = randomSnapshot();
    expect(definition.layers).toEqual(untouched.actor);
    expect(definition.actionLow).toEqual(untouched.actionLow);
    expect(definition.normalizer).toEqual({
      mean: Float32Array.of(1, 2, 3),
      scale: Float32Array.of(4, 5, 6),
      clip: Math.fround(0.1),
    });
  });

  it('turns a bound of −0 into 0, which JSON can say', () => {
    const definition = checkSnapshot({ ...sound, actionLow: Float32Array.of(-0, -1) });
    expect(Object.is(definition.actionLow[0], 0)).toBe(true);
  });
});
