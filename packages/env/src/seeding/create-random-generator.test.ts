import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { GymwireError } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { createRandomGenerator } from './create-random-generator.ts';

interface Golden {
  readonly integerBounds: ReadonlyArray<readonly [number, number]>;
  readonly cases: ReadonlyArray<{
    readonly seed: string;
    readonly rounds: ReadonlyArray<{
      readonly random: number;
      readonly uniform: number;
      readonly standardNormal: number;
      readonly integers: readonly number[];
    }>;
  }>;
  readonly million: {
    readonly seed: string;
    readonly tailDraws: number;
    readonly randomSha256: string;
    readonly standardNormalSha256: string;
  };
}

const path = new URL('../../../../test/golden/gymnasium/random.json', import.meta.url);
const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;

function sha256(values: Float64Array): string {
  const bytes = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => {
    bytes.setFloat64(8 * i, value, true);
  });
  return createHash('sha256').update(bytes).digest('hex');
}

describe('createRandomGenerator', () => {
  it.each([
    [42, 0.7739560485559633, 0.4388784397520523],
    [123, 0.6823518632481435, 0.053821018802222675],
    [0, 0.6369616873214543, 0.2697867137638703],
  ])('seed %i draws what NumPy draws', (seed, first, second) => {
    const random = createRandomGenerator(seed);
    expect([random.random(), random.random()]).toEqual([first, second]);
  });

  it.each(golden.cases.map(({ seed, rounds }) => ({ seed, rounds })))(
    'seed $seed: kinds of draws interleaved equal NumPy',
    ({ seed, rounds }) => {
      const random = createRandomGenerator(BigInt(seed));
      const drawn = rounds.map(() => ({
        random: random.random(),
        uniform: random.uniform(-3.5, 7.25),
        standardNormal: random.standardNormal(),
        integers: golden.integerBounds.map(([low, high]) => random.integers(low, high)),
      }));
      expect(rounds.length).toBeGreaterThan(0);
      expect(drawn).toEqual(rounds);
    },
  );

  it('a million uniform and a million normal draws equal NumPy, those of the tail among them', () => {
    const { seed, tailDraws, randomSha256, standardNormalSha256 } = golden.million;
    const uniform = createRandomGenerator(BigInt(seed));
    expect(sha256(Float64Array.from({ length: 1e6 }, () => uniform.random()))).toBe(randomSha256);
    const normal = createRandomGenerator(BigInt(seed));
    const draws = Float64Array.from({ length: 1e6 }, () => normal.standardNormal());
    expect(draws.filter((x) => Math.abs(x) > 3.6541528853610088).length).toBe(tailDraws);
    expect(tailDraws).toBeGreaterThan(100);
    expect(sha256(draws)).toBe(standardNormalSha256);
  });

  it('takes a seed as a number or a bigint alike', () => {
    expect(createRandomGenerator(2 ** 40).random()).toBe(createRandomGenerator(2n ** 40n).random());
  });

  it('without a seed draws differently each time', () => {
    expect(createRandomGenerator().random()).not.toBe(createRandomGenerator().random());
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53, -1n, 1n << 64n])('refuses the seed %s', (seed) => {
    expect(() => createRandomGenerator(seed)).toThrow(GymwireError);
    expect(() => createRandomGenerator(seed)).toThrow(/seed: expected .* got/);
  });

  it.each([
    ['uniform', 1, -1, /high - low < 0/],
    ['uniform', 0, Number.POSITIVE_INFINITY, /exceeds valid bounds/],
    ['uniform', Number.NaN, 1, /exceeds valid bounds/],
    ['integers', 5, 5, /low >= high/],
    ['integers', 0, 1.5, /expected integer bounds/],
  ] as const)('%s(%d, %d) is refused', (method, low, high, message) => {
    const random = createRandomGenerator(0);
    expect(() => random[method](low, high)).toThrow(message);
    expect(() => random[method](low, high)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
